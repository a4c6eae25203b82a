/** Clients on bad lines: the request trickles in, or the response is taken in sips. */
import { openConnection } from '../connection.ts';
import type { Exchange } from '../connection.ts';
import type { LoadProfile } from '../profile.ts';
import type { Random } from '../random.ts';
import { encodeRequest } from '../requests.ts';
import type { TallyBook } from '../tally.ts';

/** The head byte by byte, then the body in sixteen pieces. */
const pieces = (bytes: Buffer): Buffer[] => {
  const head = bytes.indexOf('\r\n\r\n') + 4;
  const parts = Array.from({ length: head }, (_, at) => bytes.subarray(at, at + 1));
  const step = Math.ceil((bytes.length - head) / 16);
  for (let at = head; at < bytes.length; at += step) parts.push(bytes.subarray(at, at + step));
  return parts;
};

export const sendSlowly = (
  profile: LoadProfile,
  book: TallyBook,
  random: Random,
  exchange: Exchange,
): void => {
  const connection = openConnection(profile, book, { onIdle: (idle) => idle.socket.destroy() });
  connection.expect([exchange]);
  const parts = pieces(encodeRequest(exchange.request, 'keep-alive'));
  const gapMs = random.between(2, 6);
  const begun = Date.now();
  const { length } = parts;
  const next = (): void => {
    if (connection.closed) return;
    // By the clock: on a busy machine timers come late, and the request is to be slow, not endless.
    const due = Math.min(length, 1 + Math.floor((Date.now() - begun) / gapMs));
    connection.socket.write(Buffer.concat(parts.splice(0, due - (length - parts.length))));
    if (parts.length > 0) setTimeout(next, gapMs);
  };
  next();
};

export const readSlowly = (
  profile: LoadProfile,
  book: TallyBook,
  random: Random,
  exchange: Exchange,
): void => {
  const connection = openConnection(profile, book, { onIdle: (idle) => idle.socket.destroy() });
  connection.expect([exchange]);
  const gapMs = random.between(10, 40);
  const { socket } = connection;
  socket.on('data', () => {
    socket.pause();
    setTimeout(() => socket.resume(), gapMs);
  });
  socket.write(encodeRequest(exchange.request, 'keep-alive'));
};
