import type { Pool } from '../contract.ts';

/** What came of a try, as the data path says it. */
export type TryResult = Parameters<Pool['observe']>[1];
