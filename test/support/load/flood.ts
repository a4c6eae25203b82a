/** As many plain GETs as asked for, pipelined: for tests whose subject is what the many do to the app. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';

export interface Flood {
  /** Answers with the status 200 so far. */
  readonly answered: number;
  /** Other answers. */
  readonly failed: number;
  stop(): void;
}

const CONNECTIONS = 32;
const BEAT_MS = 20;

const countOf = (text: string, what: string): number => text.split(what).length - 1;

/** `rate`: requests per second. A connection that the app closes is made anew; what it owed is not asked again. */
export const flood = (port: number, rate: number): Flood => {
  let answered = 0;
  let failed = 0;
  let stopped = false;
  let sent = 0;
  const began = performance.now();
  const open: Socket[] = [];

  const dial = (index: number): void => {
    if (stopped) return;
    const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay();
    open[index] = socket;
    let rest = '';
    socket.on('data', (chunk: string) => {
      const text = rest + chunk;
      const answers = countOf(text, 'HTTP/1.1 ');
      const good = countOf(text, 'HTTP/1.1 200');
      answered += good;
      failed += answers - good;
      // A head may be cut; what is counted must not be counted again.
      const last = text.lastIndexOf('HTTP/1.1 ');
      rest = text.slice(Math.max(last + 12, text.length - 11));
    });
    socket.on('error', () => {});
    socket.on('close', () => dial(index));
  };
  for (let index = 0; index < CONNECTIONS; index += 1) dial(index);

  const request = `GET / HTTP/1.1\r\nHost: a\r\n\r\n`;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * rate - sent;
    const each = Math.floor(due / CONNECTIONS);
    if (each < 1) return;
    sent += each * CONNECTIONS;
    const batch = request.repeat(Math.min(each, 50));
    for (const socket of open) if (!socket.connecting && socket.writable) socket.write(batch);
  }, BEAT_MS);

  return {
    get answered() {
      return answered;
    },
    get failed() {
      return failed;
    },
    stop() {
      stopped = true;
      clearInterval(timer);
      for (const socket of open) socket.destroy();
    },
  };
};
