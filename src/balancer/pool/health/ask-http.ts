/** The HTTP part of a health check. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import http from '../../../core/node-http.ts';
import { version } from '../../../core/version.ts';
import type { ActiveHealth, UpstreamAddress } from '../../../protocol/balance.ts';

const MOST_BODY = 64 * 1024;

const hostOf = (address: UpstreamAddress): string => {
  if (address.kind === 'unix') return 'localhost';
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
};

const readStart = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  response.setEncoding('latin1');
  for await (const chunk of response) {
    text += chunk as string;
    if (text.length >= MOST_BODY) break;
  }
  return text.slice(0, MOST_BODY);
};

/** What is wrong; undefined: nothing. A redirect is an answer like any other. Rejects when there is none. */
export const askHttp = async (
  socket: Socket,
  address: UpstreamAddress,
  { path, method, expectStatus, expectBody }: ActiveHealth,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = http.request({
      createConnection: () => socket,
      path,
      method,
      headers: { Host: hostOf(address), 'User-Agent': `skein/${version}`, Connection: 'close' },
      signal,
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
  const status = response.statusCode ?? 0;
  if (!expectStatus.some(([from, to]) => status >= from && status <= to)) {
    response.destroy();
    return `it answers ${status}`;
  }
  if (expectBody === null) return void response.destroy();
  const found = (await readStart(response)).includes(Buffer.from(expectBody).toString('latin1'));
  return found ? undefined : 'its answer is not what is expected';
};
