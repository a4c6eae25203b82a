/**
 * Asks the first HTTP server of this worker for a path, in memory: not over the public port, where
 * a sibling could answer, and without appearing in the accounting.
 */
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { ignoreConnection } from './connections.ts';
import { isSecure, kindOfServer } from './server-kind.ts';

export interface ProbeResult {
  readonly status: number | null;
  readonly reason?: string;
}

export const probe = async (
  servers: readonly net.Server[],
  path: string,
  timeoutMs: number,
): Promise<ProbeResult> => {
  const server = servers.find((one) => ['http', 'https', 'http2'].includes(kindOfServer(one)));
  if (server === undefined) return { status: null, reason: 'no HTTP server listens yet' };
  const [ours, theirs] = duplexPair();
  const ask = kindOfServer(server) === 'http2' ? askHttp2 : askHttp1;
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<ProbeResult>((resolve) => {
    const result = { status: null, reason: `no answer within ${timeoutMs} ms` };
    timer = setTimeout(() => resolve(result), timeoutMs).unref();
  });
  // The two ends of the pair do not notice each other's destruction.
  theirs.once('close', () => setImmediate(() => ours.destroy()));
  // Before it is injected: from the first byte on, answers and errors have somebody to go to.
  const answer = ask(ours, path).catch((error: unknown) => ({ status: null, reason: String(error) }));
  inject(server, theirs);
  const result = await Promise.race([answer, timedOut]);
  clearTimeout(timer);
  ours.destroy();
  theirs.destroy();
  return result;
};

const inject = (server: net.Server, socket: Duplex): void => {
  ignoreConnection(socket);
  const encrypted = isSecure(server);
  const alpnProtocol = kindOfServer(server) === 'http2' ? 'h2' : 'http/1.1';
  Object.assign(socket, {
    remoteAddress: '127.0.0.1',
    remoteFamily: 'IPv4',
    encrypted,
    ...(encrypted ? { alpnProtocol } : {}),
  });
  server.emit(encrypted ? 'secureConnection' : 'connection', socket);
};

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

const askHttp1 = (socket: Duplex, path: string): Promise<ProbeResult> =>
  new Promise((resolve, reject) => {
    let head = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      head += chunk;
      const status = STATUS_LINE.exec(head)?.[1];
      if (status !== undefined) resolve({ status: Number(status) });
    });
    socket.once('error', reject);
    socket.once('close', () =>
      resolve({ status: null, reason: 'the connection was closed without an answer' }),
    );
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: skein-probe\r\nConnection: close\r\n\r\n`,
    );
  });

const askHttp2 = async (socket: Duplex, path: string): Promise<ProbeResult> => {
  const { connect } = await import('node:http2');
  const session = connect('http://localhost', { createConnection: () => socket });
  try {
    return await new Promise<ProbeResult>((resolve, reject) => {
      session.once('error', reject);
      const request = session.request({ ':path': path, 'user-agent': 'skein-probe' });
      request.once('response', (headers) => resolve({ status: Number(headers[':status']) }));
      request.once('error', reject);
    });
  } finally {
    session.destroy();
  }
};
