/**
 * `process.send` of the app goes to the supervisor. Its parent, the holder, decides nothing and
 * reads nothing of the app's.
 */
type Send = NonNullable<typeof process.send>;

export interface SendTarget {
  /** `process.send('ready')`. */
  ready(): void;
  message(message: unknown): void;
}

/** Node's own messages: `{ cmd: 'NODE_…' }`. */
const isInternal = (message: unknown): boolean =>
  typeof message === 'object' &&
  message !== null &&
  'cmd' in message &&
  String(message.cmd).startsWith('NODE_');

/** What Node can send as JSON; it throws its own errors for the rest. */
const isSendable = (message: unknown): boolean =>
  ['string', 'number', 'boolean'].includes(typeof message) ||
  (typeof message === 'object' && message !== undefined);

export const takeProcessSend = (target: SendTarget): void => {
  const original = process.send!;
  process.send = function (this: NodeJS.Process, message: unknown, ...rest: unknown[]): boolean {
    if (!isSendable(message)) return Reflect.apply(original, this, [message, ...rest]) as boolean;
    if (isInternal(message)) {
      // node:cluster reports to a primary that does not exist.
      if ((message as { cmd: unknown }).cmd === 'NODE_CLUSTER') return true;
      return Reflect.apply(original, this, [message, ...rest]) as boolean;
    }
    if (message === 'ready') target.ready();
    else target.message(message);
    const callback = rest.findLast((argument) => typeof argument === 'function');
    if (callback !== undefined) process.nextTick(callback, null);
    return true;
  } as Send;
};
