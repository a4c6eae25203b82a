/**
 * The inside of a thread: loads task files and runs them. `pool.ts` is the other side. What a task
 * throws comes back as an answer, so that whatever else ends a thread is known to be a crash.
 */
import { pathToFileURL } from 'node:url';
import type { Answer, Assignment } from './thread-messages.ts';
import { isTransferred } from './transfer.ts';

type Run = (input: unknown) => unknown;

const loaded = new Map<string, Promise<Run | Answer>>();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const load = async (file: string, exported: string): Promise<Run | Answer> => {
  try {
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const found = module[exported];
    return typeof found === 'function' ? (found as Run) : { kind: 'no-export' };
  } catch (error) {
    return { kind: 'not-loaded', reason: messageOf(error) };
  }
};

/** Of each file and export once; also what cannot be loaded, until the thread is replaced. */
const find = (file: string, exported: string): Promise<Run | Answer> => {
  const key = `${exported} ${file}`;
  const known = loaded.get(key) ?? load(file, exported);
  loaded.set(key, known);
  return known;
};

const isCloneable = (value: unknown): boolean => {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
};

const thrown = (error: unknown): Answer => {
  if (!(error instanceof Error))
    return { kind: 'thrown', error: isCloneable(error) ? error : String(error), properties: {} };
  const properties = Object.entries(error).filter(([, value]) => isCloneable(value));
  const plain = isCloneable(error) ? error : new Error(error.message);
  return { kind: 'thrown', error: plain, properties: Object.fromEntries(properties) };
};

/** What piscina calls for each task. */
export const runAssignment = async ({ file, exported, input }: Assignment): Promise<unknown> => {
  const run = await find(file, exported);
  if (typeof run !== 'function') return run;
  let value: unknown;
  try {
    value = await run(input);
  } catch (error) {
    return thrown(error);
  }
  if (!isTransferred(value)) return { kind: 'value', value } satisfies Answer;
  // Most tasks never need it, and it takes a while to load.
  const { move, transferableSymbol, valueSymbol } = await import('piscina');
  const answer: Answer = { kind: 'value', value: value.value };
  return move({ [transferableSymbol]: value.list, [valueSymbol]: answer } as never);
};
