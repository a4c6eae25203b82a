/** One call of the engine on its way: what is sent for it, what its answer means, what its failure means. */
import { SkeinError } from '../../../core/errors.ts';
import type { Op, WireEntry, WireError, WireStats } from '../../../protocol/state-wire.ts';
import { OP } from '../../../protocol/state-wire.ts';
import type { EngineStats, Entry } from '../../engine.ts';

const ENGINE = 'The state server';

export interface Call {
  readonly op: Op;
  /** The key, prefix or topic; of a subscription its kind. */
  readonly a: string;
  readonly b: string | number | null;
  readonly c: string | number | null;
  readonly d: string | number | null;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  /** When it was made, in ticks of the channel. */
  readonly since: number;
  /** How long its caller waits, in ticks; Infinity for what the channel asks for itself. */
  readonly patience: number;
  /** Its caller has been told of a failure; the answer may come yet. */
  given: boolean;
}

const names: Readonly<Record<Op, string>> = {
  [OP.get]: 'get',
  [OP.set]: 'set',
  [OP.delete]: 'delete',
  [OP.increment]: 'increment',
  [OP.compareAndSet]: 'compareAndSet',
  [OP.expire]: 'expire',
  [OP.keys]: 'keys',
  [OP.publish]: 'publish',
  [OP.subscribe]: 'subscribe',
  [OP.unsubscribe]: 'unsubscribe',
  [OP.stats]: 'stats',
  [OP.limit]: 'maxMemory',
  [OP.drop]: 'drop',
};

/** Whether it is the same to do it twice, so that it can be sent again. */
export const isRepeatable = ({ op }: Call): boolean => {
  switch (op) {
    case OP.get:
    case OP.keys:
    case OP.stats:
    case OP.subscribe:
    case OP.unsubscribe:
    case OP.limit:
      return true;
    case OP.set:
    case OP.delete:
    case OP.increment:
    case OP.compareAndSet:
    case OP.expire:
    case OP.publish:
    case OP.drop:
      return false;
  }
};

/** Adds what goes over the wire for `call` to the batch. */
export const pushCall = (batch: unknown[], { op, a, b, c, d }: Call): void => {
  switch (op) {
    case OP.stats:
    case OP.drop:
      batch.push(op);
      return;
    case OP.get:
    case OP.delete:
    case OP.keys:
      batch.push(op, a);
      return;
    case OP.limit:
      batch.push(op, b);
      return;
    case OP.expire:
    case OP.publish:
    case OP.subscribe:
    case OP.unsubscribe:
      batch.push(op, a, b);
      return;
    case OP.set:
    case OP.increment:
      batch.push(op, a, b, c);
      return;
    case OP.compareAndSet:
      batch.push(op, a, b, c, d);
  }
};

/** Characters it has on the wire, roughly. */
export const sizeOfCall = ({ a, b, c }: Call): number =>
  a.length + (typeof b === 'string' ? b.length : 8) + (typeof c === 'string' ? c.length : 8) + 8;

const toEntry = (raw: unknown): Entry | null => {
  if (raw === null) return null;
  const [text, version, expiresAt] = raw as WireEntry;
  return { text, version, expiresAt };
};

const toStats = (raw: unknown): EngineStats => {
  const [entries, bytes, evictions] = raw as WireStats;
  return { engine: 'embedded', entries, bytes, evictions };
};

/** Ends `call` with what the server answered. */
export const answerCall = (call: Call, raw: unknown): void => {
  if (call.given) return;
  if (typeof raw === 'object' && raw !== null && 'error' in raw) {
    call.reject(SkeinError.fromData((raw as WireError).error));
    return;
  }
  switch (call.op) {
    case OP.get:
      call.resolve(toEntry(raw));
      break;
    case OP.stats:
      call.resolve(toStats(raw));
      break;
    default:
      call.resolve(raw);
  }
};

/** Ends it with E_STATE_AWAY: nothing was done. */
export const failCall = (call: Call, reason: string): void => {
  if (call.given) return;
  call.given = true;
  const details = { operation: names[call.op], key: call.a, engine: ENGINE, reason };
  call.reject(new SkeinError('E_STATE_AWAY', details));
};

/** Ends one that was sent: what is no read may have been done, so E_STATE_IN_DOUBT. */
export const doubtCall = (call: Call, reason: string): void => {
  if (isRepeatable(call)) {
    failCall(call, reason);
    return;
  }
  if (call.given) return;
  call.given = true;
  const details = { operation: names[call.op], key: call.a, engine: ENGINE, reason };
  call.reject(new SkeinError('E_STATE_IN_DOUBT', details));
};
