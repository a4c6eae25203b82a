/** Numbers that name a slot in the whole home. PM2 calls them `pm_id`. */
import type { AppRecord } from './store.ts';

/** The record with an id for each slot it uses or has used. They stay: a slot that is used again
 *  has the id it had. Pure but for `next`. */
export const withIds = (record: AppRecord, next: () => number): AppRecord => {
  const { ids = [], current } = record;
  const missing = current.spec.instances - ids.length;
  return missing <= 0 ? record : { ...record, ids: [...ids, ...Array.from({ length: missing }, next)] };
};
