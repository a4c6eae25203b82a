/** What a failed command means for the caller: was it done, not done, or is that unknown? */
import { SkeinError } from '../../../core/errors.ts';

export interface Asked {
  /** For messages: `set`, `get`. */
  readonly operation: string;
  readonly key: string;
  readonly writes: boolean;
}

/** Clients say so before they have sent anything. */
const notSent =
  /client is offline|client is closed|isn't writeable|max retries|all sentinels are unreachable/i;

/** A server that answers, but cannot serve now: it starts, is being replaced, has no memory left. */
const notNow =
  /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|BUSY|UNBLOCKED|MOVED|ASK) /;

const isReply = (message: string): boolean => /^-?[A-Z]{3,} /.test(message);

export const away = (
  { operation, key }: Asked,
  engine: string,
  reason: string,
  cause?: unknown,
): SkeinError => new SkeinError('E_STATE_AWAY', { operation, key, engine, reason }, { cause });

export const inDoubt = (asked: Asked, engine: string, reason: string, cause?: unknown): SkeinError =>
  asked.writes
    ? new SkeinError(
        'E_STATE_IN_DOUBT',
        { operation: asked.operation, key: asked.key, engine, reason },
        { cause },
      )
    : away(asked, engine, reason, cause);

/** Any error of a client as one of ours. */
export const asStateError = (error: unknown, asked: Asked, engine: string): SkeinError => {
  if (error instanceof SkeinError) return error;
  const reason = (error instanceof Error ? error.message : String(error)).trim() || 'no reason given';
  if (reason.startsWith('WRONGTYPE'))
    return new SkeinError('E_STATE_FOREIGN', { key: asked.key }, { cause: error });
  if (notSent.test(reason) || notNow.test(reason)) return away(asked, engine, reason, error);
  if (isReply(reason))
    return new SkeinError(
      'E_STATE_ENGINE',
      { what: engine, reason, hint: 'Skein needs Redis 7 and a user who may run its commands and channels.' },
      { cause: error },
    );
  return inDoubt(asked, engine, reason, error);
};
