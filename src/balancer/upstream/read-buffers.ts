/**
 * Where upstreams' bytes are read into. Most responses come in one read and are passed on before the next:
 * one buffer for all connections is enough, and ten thousand connections cost nothing. A response that
 * goes on gets a buffer of its own until it ends, for what the client has not taken must stay as it is.
 */
const SIZE = 64 * 1024;
const MOST_FREE = 32;

export const sharedBuffer: Buffer = Buffer.allocUnsafeSlow(SIZE);

const free: Buffer[] = [];

export const takeBuffer = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(SIZE);

/** Only what nobody reads from any more. */
export const giveBack = (buffer: Buffer): void => {
  if (free.length < MOST_FREE) free.push(buffer);
};
