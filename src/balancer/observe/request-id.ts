/**
 * The name of one request, in the header that the settings say, in the log, and in the app's own log if it wants:
 * 32 hexadecimal digits of which nobody can guess the next.
 */
import { randomFillSync } from 'node:crypto';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { valuesOf } from '../headers/raw-headers.ts';

const ID_BYTES = 16;
/** Random bytes for so many ids are got at once: a call each would cost a microsecond. */
const AT_ONCE = 256;

const pool = Buffer.allocUnsafeSlow(ID_BYTES * AT_ONCE);
let used = pool.length;

export const newRequestId = (): string => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.toString('hex', used - ID_BYTES, used);
};

/** What an id of somebody else may look like; anything else is replaced. */
const FIT = /^[\w.~+/=:@-]{1,128}$/;

/**
 * The id that the request goes by from here on. One that came with it counts only from who is trusted: strangers
 * would otherwise choose what logs are searched for. `header`: lower case.
 */
export const requestIdOf = (raw: RawHeaders, header: string, trusted: boolean): string => {
  if (trusted) {
    const [given, ...more] = valuesOf(raw, header);
    if (given !== undefined && more.length === 0 && FIT.test(given)) return given;
  }
  return newRequestId();
};
