/** The look-up that the settings name; one file for each that has to be asked. */
import type { SplitSettings } from '../../../protocol/balance.ts';
import { hash } from '../../policies/hash.ts';
import { newUpstream } from '../../upstream.ts';
import type { PoolTools } from '../tools.ts';
import { cachedLookUp } from './cached-look-up.ts';
import { functionLookUp } from './function-look-up.ts';
import type { LookUp } from './look-up.ts';
import { stateLookUp } from './state-look-up.ts';

/** Milliseconds that an answer is good for. */
const FUNCTION_FRESH_MS = 5_000;
const STATE_FRESH_MS = 1_000;

/** Consistent: a group that comes or goes moves only its own keys. The larger a group, the more keys. */
const hashLookUp = (groups: SplitSettings['groups']): LookUp => {
  const all = Object.entries(groups).map(([name, parts]) => newUpstream(name, parts.length));
  const policy = hash(Infinity);
  return (key) => policy.pick(all, key)?.id;
};

export const lookUpFor = (pool: string, { by, groups }: SplitSettings, tools: PoolTools): LookUp => {
  switch (by.kind) {
    case 'table': {
      const table = new Map(Object.entries(by.table));
      return (key) => table.get(key);
    }
    case 'hash':
      return hashLookUp(groups);
    case 'function':
      return cachedLookUp(functionLookUp(by.module), { ...tools, freshMs: FUNCTION_FRESH_MS });
    case 'state':
      return cachedLookUp(stateLookUp(pool, by.prefix, tools), { ...tools, freshMs: STATE_FRESH_MS });
  }
};
