/**
 * How many workers: `4`, `max`, `-1` (all CPUs but one), `50%` at a start; `8`, `+2`, `-1`, `max`,
 * `50%` when a running app is scaled. Used by the CLI for a start and by the supervisor for `scale`.
 */
import type { Place } from './place.ts';
import { badValue } from './values.ts';

export interface InstancesContext {
  /** CPUs that may be used. */
  readonly cpus: number;
  /** Workers the app is to have now; null at its first start, when `-1` counts from the CPUs. */
  readonly current: number | null;
}

/** More workers than any machine has cores are a slip of the finger. */
const MAX_INSTANCES = 1024;

const wanted = (text: string, { cpus, current }: InstancesContext): number | undefined => {
  if (text === 'max') return cpus;
  const percent = /^(\d{1,4}(?:\.\d+)?)%$/.exec(text);
  if (percent !== null)
    return Number(percent[1]) > 0 ? Math.max(1, Math.round((cpus * Number(percent[1])) / 100)) : undefined;
  const number = /^([+-]?)(\d{1,5})$/.exec(text);
  if (number === null) return undefined;
  const count = Number(number[2]);
  if (number[1] === '') return count;
  if (current !== null) return number[1] === '+' ? current + count : current - count;
  // `-1` of a single CPU still is one worker.
  return number[1] === '-' && count > 0 ? Math.max(1, cpus - count) : undefined;
};

/**
 * The number of workers that `text` asks for, 1 to 1024.
 * @param place How the value is named in an error: `--instances`, `scale`.
 * @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE
 */
export const resolveInstances = (
  text: string,
  context: InstancesContext,
  place: Place = '--instances',
): number => {
  const count = wanted(text.trim(), context);
  if (count !== undefined && count >= 1 && count <= MAX_INSTANCES) return count;
  const forms = context.current === null ? 'max, -1 (all CPUs but one) or 50%' : '+2, -1, max or 50%';
  const result = count === undefined || count === Number(text) ? '' : ` (${count} workers)`;
  throw badValue(
    place,
    `${text}${result}`,
    `a number of workers from 1 to ${MAX_INSTANCES}, ${forms}`,
    context.current === null ? 'max' : '+1',
  );
};
