/** Settings of balancing that do not go together. */
import type { PoolPatch } from '../../protocol/balance-patch.ts';
import type { Place } from '../place.ts';
import { badValue } from '../values.ts';
import { writeKeySource } from './key-source.ts';

/** @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE */
export const checkPool = (pool: PoolPatch | undefined, placeOf: (key: string) => Place): void => {
  const { name, by } = pool?.policy ?? {};
  if (by !== undefined && name !== undefined && name !== 'hash')
    throw badValue(
      placeOf('by'),
      writeKeySource(by),
      `for the policy ${name}, only for hash`,
      'policy: hash',
    );
};
