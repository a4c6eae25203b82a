/** RFC 9110, section 6.5: fields behind the body. */
import type { Case } from '../support/case.ts';
import { answered, brokenBody, get, head, passed, post, replies } from '../support/case.ts';

const withTrailers = (...lines: readonly string[]): string =>
  `${post('Transfer-Encoding: chunked', 'Trailer: X-Sum')}5\r\nhello\r\n0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const answerWith = (...lines: readonly string[]): string =>
  `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}5\r\nhello\r\n0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const NEVER: readonly string[] = [
  ...['Host: evil', 'Authorization: x', 'Cookie: a=1'],
  ...['X-Forwarded-For: 6.6.6.6', 'X_Forwarded_For: 6.6.6.6', 'TE: x', 'Trailer: y'],
  ...['Content-Type: x', 'Expect: 100-continue', 'Via: 1.1 x', 'Upgrade: x', 'Forwarded: for=x'],
];

const asks = (
  lines: readonly string[],
  response: Case['expect']['client'][number],
  reply: string,
  name: string,
): Case => ({
  ...answered(name, 'RFC 9110 6.5.1', replies(reply), response),
  client: [get(...lines)],
});

export const trailers: readonly Case[] = [
  passed('trailers: of a request', 'RFC 9110 6.5', withTrailers('X-Sum: 1', 'x-other: 2'), {
    body: 'hello',
    trailers: ['X-Sum: 1', 'x-other: 2'],
  }),
  ...NEVER.map((line) =>
    passed(
      `trailers: ${line.split(':')[0]} in a request’s goes`,
      'RFC 9110 6.5.1',
      withTrailers('X-Sum: 1', line),
      {
        body: 'hello',
        trailers: ['X-Sum: 1'],
      },
    ),
  ),
  ...['Content-Length: 5', 'Transfer-Encoding: chunked'].map((line) =>
    brokenBody(
      `trailers: ${line.split(':')[0]} in a request’s is refused`,
      'RFC 9112 6.1, 6.3: it came too late to frame anything; Node’s parser ends there',
      withTrailers('X-Sum: 1', line),
    ),
  ),
  {
    ...passed(
      'trailers: Connection in a request’s goes',
      'RFC 9110 6.5.1',
      withTrailers('X-Sum: 1', 'Connection: close'),
      {
        body: 'hello',
        trailers: ['X-Sum: 1'],
      },
    ),
    expect: {
      upstream: [{ body: 'hello', trailers: ['X-Sum: 1'] }],
      client: [{ status: 200, body: 'ok', has: ['Connection: close'] }],
      // Node's parser reads nothing behind it.
      end: 'closed',
    },
  },
  asks(
    ['TE: trailers', 'Connection: TE'],
    { status: 200, body: 'hello', trailers: ['X-Sum: 1'] },
    answerWith('X-Sum: 1'),
    'trailers: of an answer, for who takes them',
  ),
  asks(
    [],
    { status: 200, body: 'hello', trailers: [] },
    answerWith('X-Sum: 1'),
    'trailers: of an answer, for who does not say so',
  ),
  asks(
    ['TE: trailers', 'Connection: TE'],
    { status: 200, body: 'hello', trailers: ['X-Sum: 1'] },
    answerWith('X-Sum: 1', 'Content-Length: 5', 'Set-Cookie: a=1', 'Transfer-Encoding: chunked'),
    'trailers: of an answer, without what must not be there',
  ),
  {
    ...answered(
      'trailers: of an answer, for HTTP/1.0',
      'RFC 9112 7.1.2',
      replies(answerWith('X-Sum: 1')),
      { status: 200, body: 'hello' },
      'closed',
    ),
    client: [head('GET / HTTP/1.0', 'Host: a')],
  },
];
