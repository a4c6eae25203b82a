/**
 * The inside of a thread: loads task files and runs them. `pool.ts` is the other side. What a task
 * throws comes back as an answer, so that whatever else ends a thread is known to be a crash.
 */
import { pathToFileURL } from 'node:url';
import type { Answer, Assignment, Failure, Job } from './thread-messages.ts';
import { jobOf } from './thread-messages.ts';
import { isTransferred, type Transferred } from './transfer.ts';

type Run = (input: unknown) => unknown;

/** By file and export; what cannot be loaded is kept too, until the thread is replaced. */
const loaded = new Map<string, Promise<Run | Failure>>();
/** Of those the functions, so that the way to one that was used before is short. */
const ready = new Map<string, Run>();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const load = async ({ file, exported }: Job): Promise<Run | Failure> => {
  try {
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const found = module[exported];
    return typeof found === 'function' ? (found as Run) : { kind: 'no-export' };
  } catch (error) {
    return { kind: 'not-loaded', reason: messageOf(error) };
  }
};

const isCloneable = (value: unknown): boolean => {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
};

const thrown = (error: unknown): Failure => {
  if (!(error instanceof Error))
    return { kind: 'thrown', error: isCloneable(error) ? error : String(error), properties: {} };
  const properties = Object.entries(error).filter(([, value]) => isCloneable(value));
  const plain = isCloneable(error) ? error : new Error(error.message);
  return { kind: 'thrown', error: plain, properties: Object.fromEntries(properties) };
};

const moved = async ({ value, list }: Transferred): Promise<unknown> => {
  // Most tasks never need it, and it takes a while to load.
  const { move, transferableSymbol, valueSymbol } = await import('piscina');
  const answer: Answer = [value];
  return move({ [transferableSymbol]: list, [valueSymbol]: answer } as never);
};

const answer = (value: unknown): unknown =>
  isTransferred(value) ? moved(value) : ([value] satisfies Answer);

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const runNow = (run: Run, input: unknown): unknown => {
  try {
    const value = run(input);
    return isThenable(value) ? Promise.resolve(value).then(answer, thrown) : answer(value);
  } catch (error) {
    return thrown(error);
  }
};

const runFirst = async (key: string, input: unknown): Promise<unknown> => {
  const found = loaded.get(key) ?? load(jobOf(key));
  loaded.set(key, found);
  const run = await found;
  if (typeof run !== 'function') return run;
  ready.set(key, run);
  return runNow(run, input);
};

/** What piscina calls for each task. */
export const runAssignment = ([key, input]: Assignment): unknown => {
  const run = ready.get(key);
  return run === undefined ? runFirst(key, input) : runNow(run, input);
};
