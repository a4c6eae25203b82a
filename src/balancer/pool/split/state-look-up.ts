/** Groups that the app writes into its shared state: under `<prefix><key>` the group's name. */
import type { State } from '../../../state/contract.ts';
import type { PoolTools } from '../tools.ts';
import type { LookUp } from './look-up.ts';

/** While the state is away, what was read in the last while still holds. */
const STALE = '10m';
/** The state's keys have at most 512 bytes: a longer one was never written, so nobody needs to ask. */
const LONGEST_BYTES = 400;

export const stateLookUp = (
  pool: string,
  prefix: string,
  { state: open }: Pick<PoolTools, 'state'>,
): LookUp => {
  let opened: State | undefined;
  return async (key) => {
    if (Buffer.byteLength(prefix + key) > LONGEST_BYTES) return undefined;
    opened ??= await open(pool);
    const group = await opened.get(prefix + key, { stale: STALE });
    if (group === undefined || typeof group === 'string') return group;
    throw new Error(`${prefix}${key} is ${typeof group} and not the name of a group`);
  };
};
