/** RFC 9112, section 5: header lines, and that they go through as they are. */
import type { Case } from '../support/case.ts';
import { ask, get, head, ok, passed, refused, replies } from '../support/case.ts';

const bad: readonly (readonly [string, string])[] = [
  ['a space before the colon', 'X-A : 1'],
  ['a tab before the colon', 'X-A\t: 1'],
  ['no name', ': 1'],
  ['no colon', 'X-A'],
  ['a space in the name', 'X A: 1'],
  ['a control character in the name', 'X\u0001A: 1'],
  ['a NUL in the name', 'X\0A: 1'],
  ['a DEL in the name', 'X\u007fA: 1'],
  ['a bracket in the name', 'X(A): 1'],
  ['a quote in the name', '"X": 1'],
  ['a slash in the name', 'X/A: 1'],
  ['a comma in the name', 'X,A: 1'],
  ['a semicolon in the name', 'X;A: 1'],
  ['an @ in the name', 'X@A: 1'],
  ['a byte above 127 in the name', 'X\u00e9: 1'],
  ['a NUL in the value', 'X-A: 1\u00002'],
  ['a bare CR in the value', 'X-A: 1\r2'],
  ['a bare LF in the value', 'X-A: 1\n2'],
  ['a bare LF that hides a line', 'X-A: 1\nTransfer-Encoding: chunked'],
  ['a bare CR that hides a line', 'X-A: 1\rTransfer-Encoding: chunked'],
  ['CR CR LF behind the value', 'X-A: 1\r'],
  ['a control character in the value', 'X-A: 1\u00012'],
  ['an escape in the value', 'X-A: 1\u001b2'],
  ['a vertical tab in the value', 'X-A: 1\u000b2'],
  ['a DEL in the value', 'X-A: 1\u007f2'],
  ['a folded line', 'X-A: 1\r\n 2'],
  ['a line folded with a tab', 'X-A: 1\r\n\t2'],
  ['a folded line with nothing on it', 'X-A: 1\r\n '],
  ['a Transfer-Encoding in a folded line', 'X-A: 1\r\n Transfer-Encoding: chunked'],
];

export const headerLines: readonly Case[] = [
  ...bad.map(([name, text]) =>
    refused(`header: ${name}`, 'RFC 9112 5.1, 5.2; RFC 9110 5.5: rejected', 400, ask('GET / HTTP/1.1', text)),
  ),
  refused(
    'header: a space before the first one',
    'RFC 9112 2.2: rejected or the line ignored',
    400,
    head('GET / HTTP/1.1', ' X-A: 1', 'Host: a'),
  ),
  refused('header: a space before Host', 'RFC 9112 2.2', 400, head('GET / HTTP/1.1', ' Host: a')),
  passed(
    'header: order, case and repetitions are kept',
    'RFC 9110 5.3: a proxy must not change the order of lines of one name',
    head(
      ...['GET / HTTP/1.1', 'x-UPPER: 1', 'HOST: a', 'X-a: 1', 'x-B: 2', 'X-A: 3', 'x-a: 2', 'Accept: */*'],
      ...['Accept: text/html;q=0.5', 'User-Agent: x y (z)', 'Cookie: a=1', 'Cookie: b=2'],
    ),
    {
      lines: [
        ...['x-UPPER: 1', 'HOST: a', 'X-a: 1', 'x-B: 2', 'X-A: 3', 'x-a: 2', 'Accept: */*'],
        ...['Accept: text/html;q=0.5', 'User-Agent: x y (z)', 'Cookie: a=1', 'Cookie: b=2'],
      ],
    },
  ),
  passed('header: white space around a value goes', 'RFC 9112 5.1', get('X-A: \t 1 2 \t '), {
    has: ['X-A: 1 2'],
  }),
  passed('header: no white space behind the colon', 'RFC 9112 5.1', get('X-A:1'), { has: ['X-A: 1'] }),
  passed('header: an empty value', 'RFC 9110 5.5', get('X-A:', 'X-B: '), { has: ['X-A: ', 'X-B: '] }),
  passed('header: bytes above 127 in a value', 'RFC 9110 5.5: obs-text', get('X-A: \u00e9\u00ff\u0080'), {
    has: ['X-A: \u00e9\u00ff\u0080'],
  }),
  passed('header: a tab within a value', 'RFC 9110 5.5', get('X-A: 1\t2'), { has: ['X-A: 1\t2'] }),
  passed('header: colons in a value', 'RFC 9112 5', get('X-A: b: c: d'), { has: ['X-A: b: c: d'] }),
  passed('header: all characters of a token in a name', 'RFC 9110 5.6.2', get("X!#$%&'*+-.^_`|~9: 1"), {
    has: ["X!#$%&'*+-.^_`|~9: 1"],
  }),
  passed('header: underscores in other names', 'RFC 9110 5.1', get('my_header: 1'), {
    has: ['my_header: 1'],
  }),
  passed('header: a name of Object.prototype', 'RFC 9110 5.1', get('__proto__: 1', 'constructor: 2'), {
    has: ['__proto__: 1', 'constructor: 2'],
  }),
  passed('header: a value of 8 KB', 'RFC 9110 5.4', get(`X-A: ${'a'.repeat(8000)}`), {
    has: [`X-A: ${'a'.repeat(8000)}`],
  }),
  {
    name: 'header: Set-Cookie lines stay apart',
    why: 'RFC 9110 5.3',
    client: [get()],
    upstream: [
      replies(
        ok('ok', 'Set-Cookie: a=1; Path=/', 'X-A: 1', 'set-cookie: b=2, c=3', 'SET-COOKIE: a=1; Path=/'),
      ),
    ],
    expect: {
      upstream: [{}],
      client: [
        {
          status: 200,
          lines: [
            ...['Set-Cookie: a=1; Path=/', 'X-A: 1', 'set-cookie: b=2, c=3', 'SET-COOKIE: a=1; Path=/'],
            'Content-Length: 2',
          ],
          body: 'ok',
        },
      ],
      end: 'kept',
    },
  },
  {
    name: 'header: order, case and repetitions are kept in answers',
    why: 'RFC 9110 5.3',
    client: [get()],
    upstream: [
      replies(
        ok(
          'ok',
          'x-Z: 1',
          'Server: me',
          'Vary: a',
          'X-B: 2',
          'vary: b',
          'Date: Thu, 01 Jan 1970 00:00:00 GMT',
        ),
      ),
    ],
    expect: {
      upstream: [{}],
      client: [
        {
          status: 200,
          lines: ['x-Z: 1', 'Server: me', 'Vary: a', 'X-B: 2', 'vary: b', 'Content-Length: 2'],
          has: ['Date: Thu, 01 Jan 1970 00:00:00 GMT'],
        },
      ],
      end: 'kept',
    },
  },
];
