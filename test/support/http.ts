/** Single requests of a test, each on a connection of its own unless an agent is given. */
import { request } from 'node:http';
import type { Agent, IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds. */
  readonly ms: number;
}

export interface FetchOptions {
  readonly host?: string;
  readonly agent?: Agent;
  /** Instead of a port. */
  readonly socketPath?: string;
  /** Called when the response head has come. */
  readonly onHead?: () => void;
}

export const get = (port: number, path = '/', options: FetchOptions = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const { host = '127.0.0.1', agent, socketPath, onHead } = options;
    const target = socketPath === undefined ? { host, port } : { socketPath };
    const asked = request({ ...target, path, agent: agent ?? false, timeout: 10_000 }, (response) => {
      onHead?.();
      text(response).then(
        (body) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            ms: performance.now() - begun,
          }),
        reject,
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer from port ${port} ${path}`)));
    asked.on('error', reject);
    asked.end();
  });

export const getJson = async <T>(port: number, path = '/'): Promise<T> =>
  JSON.parse((await get(port, path)).body) as T;
