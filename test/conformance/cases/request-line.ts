/** RFC 9112, section 3: the first line, its methods and versions. */
import type { Case } from '../support/case.ts';
import { ask, bytesOf, get, head, passed, refused } from '../support/case.ts';

const line = (text: string): string => ask(text);

const badLines: readonly (readonly [string, string, number | readonly number[]])[] = [
  ['a lower-case method', 'get / HTTP/1.1', [400, 501]],
  ['an unknown method', 'FOO / HTTP/1.1', [400, 501]],
  ['a method that begins like a known one', 'GETX / HTTP/1.1', [400, 501]],
  ['a method with a control character', 'G\u0001T / HTTP/1.1', 400],
  ['a method with a slash', 'GE/T / HTTP/1.1', 400],
  ['a method with a colon', 'GET: / HTTP/1.1', 400],
  ['no method', '/ HTTP/1.1', 400],
  ['a space before the method', ' GET / HTTP/1.1', 400],
  ['a tab behind the method', 'GET\t/ HTTP/1.1', 400],
  ['a tab before the version', 'GET /\tHTTP/1.1', 400],
  ['a vertical tab before the version', 'GET /\u000bHTTP/1.1', 400],
  ['a space behind the version', 'GET / HTTP/1.1 ', 400],
  ['something behind the version', 'GET / HTTP/1.1 x', 400],
  ['a second target', 'GET / /b HTTP/1.1', 400],
  ['a bare CR in the line', 'GET / HTTP/1.1\rX', 400],
  ['a bare CR for the space', 'GET\r/ HTTP/1.1', 400],
  ['a NUL in the line', 'GET /\0 HTTP/1.1', 400],
  ['no target', 'GET HTTP/1.1', 400],
  ['no target but a space', 'GET  HTTP/1.1', 400],
  ['HTTP/0.9', 'GET /', 400],
  ['HTTP/0.9 said aloud', 'GET / HTTP/0.9', [400, 505]],
  ['HTTP/1.2', 'GET / HTTP/1.2', [400, 505]],
  ['HTTP/1.9', 'GET / HTTP/1.9', [400, 505]],
  ['HTTP/2.0 in text', 'GET / HTTP/2.0', [400, 505]],
  ['HTTP/3.0 in text', 'GET / HTTP/3.0', [400, 505]],
  ['HTTP/2 without a minor version', 'GET / HTTP/2', [400, 505]],
  ['HTTP/1', 'GET / HTTP/1', 400],
  ['HTTP/1.', 'GET / HTTP/1.', 400],
  ['HTTP/1.10', 'GET / HTTP/1.10', 400],
  ['HTTP/01.1', 'GET / HTTP/01.1', 400],
  ['HTTP/11.1', 'GET / HTTP/11.1', 400],
  ['HTTP/-1.1', 'GET / HTTP/-1.1', 400],
  ['HTTP/1,1', 'GET / HTTP/1,1', 400],
  ['http/1.1 in lower case', 'GET / http/1.1', 400],
  ['HTTPS/1.1', 'GET / HTTPS/1.1', 400],
  ['HTP/1.1', 'GET / HTP/1.1', 400],
  ['RTSP with a method of both', 'OPTIONS / RTSP/1.0', 400],
  ['RTSP with GET', 'GET / RTSP/1.0', 400],
  ['RTSP with POST', 'POST  /x RTSP/1.0', 400],
  ['RTSP', 'DESCRIBE / RTSP/1.0', [400, 501]],
  ['ICE', 'SOURCE / ICE/1.0', [400, 501]],
  ['ICE with GET', 'GET / ICE/1.0', 400],
  ['a full-width version', 'GET / HTTP/\u00b9.1', 400],
];

const methods: readonly string[] = [
  ...['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND', 'PROPPATCH', 'MKCOL'],
  ...['COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'SEARCH', 'PURGE', 'M-SEARCH', 'LINK'],
];

export const requestLine: readonly Case[] = [
  ...badLines.map(([name, text, status]) =>
    refused(`line: ${name}`, 'RFC 9112 3: anything else is invalid', status, line(text)),
  ),
  ...methods.map((method) =>
    passed(
      `method: ${method} goes through`,
      'RFC 9110 9.1: methods are the origin server’s',
      ask(`${method} /m HTTP/1.1`),
      {
        line: `${method} /m HTTP/1.1`,
        body: '',
      },
    ),
  ),
  refused(
    'method: CONNECT',
    'balancing.md 8: not a forward proxy',
    405,
    head('CONNECT a:80 HTTP/1.1', 'Host: a:80'),
  ),
  refused(
    'method: TRACE with a body',
    'RFC 9110 9.3.8: a client must not send content',
    400,
    `${ask('TRACE / HTTP/1.1', 'Content-Length: 1')}x`,
  ),
  passed('line: an empty line before it', 'RFC 9112 2.2: ignored', `\r\n${get()}`, {
    line: 'GET / HTTP/1.1',
  }),
  passed('line: line ends of all kinds before it', 'RFC 9112 2.2: as nginx', `\n\r\r\n${get()}`, {
    line: 'GET / HTTP/1.1',
  }),
  passed(
    'line: two spaces in it are one',
    'RFC 9112 3: may be lenient, sends it on right',
    line('GET  / HTTP/1.1'),
    {
      line: 'GET / HTTP/1.1',
    },
  ),
  refused(
    'line: a bare LF ends it',
    'RFC 9112 2.2: a recipient may; a proxy that passes on must not differ',
    400,
    'GET / HTTP/1.1\nHost: a\r\n\r\n',
  ),
  refused('line: CR CR LF ends it', 'RFC 9112 2.2: bare CR', 400, 'GET / HTTP/1.1\r\r\nHost: a\r\n\r\n'),
  refused('line: bare LFs all over', 'RFC 9112 2.2', 400, 'GET / HTTP/1.1\nHost: a\n\n'),
  {
    name: 'line: HTTP/2 with prior knowledge over plain text',
    why: 'RFC 9113 3.3: only where it is offered',
    client: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0'],
    expect: { upstream: 'nothing', client: [{ status: [400, 405, 501, 505] }], end: 'cut' },
  },
  refused('line: RTSP in pieces', 'RFC 9112 3', 400, ...bytesOf(head('GET / RTSP/1.0', 'Host: a'))),
  refused(
    'line: a TLS hello on the plain port',
    'RFC 9112 3',
    400,
    '\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0003\r\n\r\n',
  ),
  passed(
    'line: it comes byte by byte',
    'RFC 9112 2.2: a stream has no packets',
    bytesOf(get('X-Slow: yes')),
    {
      line: 'GET / HTTP/1.1',
      has: ['X-Slow: yes'],
    },
  ),
];
