/** What is asked, and whether the answer is right. The fixture apps all know these three. */
import type { Random } from './random.ts';
import type { Response } from './response-parser.ts';

export interface PlannedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: Buffer;
  /** Body that must come back. */
  readonly wanted: Buffer;
}

export const helloBody: Buffer = Buffer.from('hello\n');

/** More than the socket buffers of both sides hold, so that a slow reader really holds it up. */
export const largeBody: Buffer = Buffer.alloc(1024 * 1024, '0123456789abcdef');

const postBytes = 16 * 1024;
const none = Buffer.alloc(0);

export const hello: PlannedRequest = { method: 'GET', path: '/', body: none, wanted: helloBody };
export const large: PlannedRequest = { method: 'GET', path: '/large', body: none, wanted: largeBody };

export const echo = (random: Random): PlannedRequest => {
  const body = random.bytes(postBytes);
  return { method: 'POST', path: '/echo', body, wanted: body };
};

export const encodeRequest = (request: PlannedRequest, connection: 'keep-alive' | 'close'): Buffer => {
  const lines = [
    `${request.method} ${request.path} HTTP/1.1`,
    'Host: localhost',
    `Connection: ${connection}`,
  ];
  if (request.method === 'POST') {
    lines.push('Content-Type: application/octet-stream', `Content-Length: ${request.body.length}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), request.body]);
};

/** null: right. Otherwise the outcome and why. */
export const judge = (
  request: PlannedRequest,
  response: Response,
): { outcome: 'server-error' | 'wrong'; detail: string } | null => {
  if (response.status >= 500) return { outcome: 'server-error', detail: `status ${response.status}` };
  if (response.status !== 200) return { outcome: 'wrong', detail: `status ${response.status}` };
  if (response.body.equals(request.wanted)) return null;
  return {
    outcome: 'wrong',
    detail: `${response.body.length} bytes that are not the ${request.wanted.length} wanted`,
  };
};
