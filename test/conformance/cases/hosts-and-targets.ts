/** RFC 9112, section 3.2: what is asked for, and of whom. */
import type { Case } from '../support/case.ts';
import { ask, get, head, passed, refused } from '../support/case.ts';

const badHosts: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['with a space', 'a b'],
  ['with a slash', 'a/b'],
  ['with a user', 'u@a'],
  ['with a comma', 'a,b'],
  ['with a question mark', 'a?b'],
  ['with a fragment', 'a#b'],
  ['with a backslash', 'a\\b'],
  ['with a quote', '"a"'],
  ['with angle brackets', '<a>'],
  ['an open bracket', '[::1'],
  ['a closed bracket', '::1]'],
  ['IPv6 without brackets', '::1'],
  ['a word as port', 'a:b'],
  ['a negative port', 'a:-1'],
  ['a port that is too large', 'a:65536'],
  ['a port of six digits', 'a:000080'],
  ['two ports', 'a:80:81'],
  ['a byte above 127', 'm\u00fcnchen'],
  ['a whole URL', 'http://a/'],
  ['a tab in it', 'a\tb'],
];

const goodHosts: readonly string[] = [
  ...['example.com', 'EXAMPLE.com', 'a:80', 'a:', '127.0.0.1', '127.0.0.1:8080', '[::1]', '[::1]:80'],
  ...['a_b.example', 'xn--mnchen-3ya.de', 'a.', 'a-b.c', "a!$&'()*+;=b", '%41'],
];

const badTargets: readonly (readonly [string, string])[] = [
  ['a fragment', '/a#b'],
  ['a fragment alone', '#b'],
  ['* with GET', '*'],
  ['no slash', 'a'],
  ['a query alone', '?a'],
  ['an authority', 'a:80'],
  ['another scheme', 'ftp://a/'],
  ['a scheme without slashes', 'http:a'],
  ['a scheme with one slash', 'http:/a'],
  ['no host', 'http:///x'],
  ['a user in the host', 'http://u@a/'],
  ['a port that is too large', 'http://a:65536/'],
  ['another host than Host', 'http://b/'],
  ['another port than Host', 'http://a:81/'],
  ['a backslash first', '\\a'],
  ['a NUL', '/\0'],
  ['a control character', '/\u0001'],
  ['a tab', '/a\tb'],
  ['a form feed', '/a\u000cb'],
  ['a DEL', '/\u007f'],
  ['javascript', 'javascript:alert(1)'],
];

/** As sent, and as the upstream has it. */
const goodTargets: readonly (readonly [string, string])[] = [
  ['/', '/'],
  ['/a/b?c=d&e', '/a/b?c=d&e'],
  ['/?', '/?'],
  ['/a%20b%C3%BC', '/a%20b%C3%BC'],
  ['/a;b=c', '/a;b=c'],
  ['/?a=/../b', '/?a=/../b'],
  ['/?u=http://x/', '/?u=http://x/'],
  ['/a|b{c}"d\'^`', '/a|b{c}"d\'^`'],
  ['http://a/x?y', '/x?y'],
  ['http://a', '/'],
  ['http://a?q', '/?q'],
  ['http://a:80/x', '/x'],
  ['HTTP://A/X', '/X'],
  ['https://a/x', '/x'],
];

export const hostsAndTargets: readonly Case[] = [
  ...badHosts.map(([name, value]) =>
    refused(
      `host: ${name}`,
      'RFC 9112 3.2: an invalid value is a 400',
      400,
      head('GET / HTTP/1.1', `Host: ${value}`),
    ),
  ),
  ...goodHosts.map((host) =>
    passed(
      `host: ${host} is kept`,
      'balancing.md 7: Host is preserved',
      head('GET / HTTP/1.1', `Host: ${host}`),
      {
        lines: [`Host: ${host}`],
      },
    ),
  ),
  ...badTargets.map(([name, target]) =>
    refused(`target: ${name}`, 'RFC 9112 3.2: invalid', 400, ask(`GET ${target} HTTP/1.1`)),
  ),
  ...goodTargets.map(([target, sent]) =>
    passed(
      `target: ${target} goes as ${sent}`,
      'RFC 9112 3.2.1, 3.2.2: origin form',
      ask(`GET ${target} HTTP/1.1`),
      {
        line: `GET ${sent} HTTP/1.1`,
      },
    ),
  ),
  refused('host: none', 'RFC 9112 3.2', 400, head('GET / HTTP/1.1', 'X-A: 1')),
  refused('host: none, and no header at all', 'RFC 9112 3.2', 400, head('GET / HTTP/1.1')),
  refused('host: twice', 'RFC 9112 3.2', 400, get('Host: b')),
  refused('host: twice the same', 'RFC 9112 3.2', 400, get('host: a')),
  refused('host: a space before its colon', 'RFC 9112 5.1', 400, head('GET / HTTP/1.1', 'Host : a')),
  refused('host: folded', 'RFC 9112 5.2', 400, head('GET / HTTP/1.1', 'Host:\r\n a')),
  refused(
    'host: none with a target that has one',
    'RFC 9112 3.2: even then',
    400,
    head('GET http://a/ HTTP/1.1'),
  ),
  {
    name: 'host: none in HTTP/1.0',
    why: 'RFC 9112 3.2; what goes on in HTTP/1.1 has one',
    client: [head('GET / HTTP/1.0')],
    expect: {
      upstream: [{ line: 'GET / HTTP/1.1' }],
      client: [{ status: 200, body: 'ok' }],
      end: 'closed',
    },
  },
  passed('target: * with OPTIONS', 'RFC 9112 3.2.4', ask('OPTIONS * HTTP/1.1'), {
    line: 'OPTIONS * HTTP/1.1',
  }),
  passed(
    'target: OPTIONS for a whole server in absolute form',
    'RFC 9112 3.2.4',
    ask('OPTIONS http://a HTTP/1.1'),
    {
      line: 'OPTIONS * HTTP/1.1',
    },
  ),
  refused('target: * with a path', 'RFC 9112 3.2.4', 400, ask('OPTIONS */x HTTP/1.1')),
  refused('target: authority with OPTIONS', 'RFC 9112 3.2.3', 400, ask('OPTIONS a:80 HTTP/1.1')),
  passed('target: 7 KB', 'RFC 9112 3: at least 8000 bytes', ask(`GET /${'a'.repeat(7000)} HTTP/1.1`), {
    line: `GET /${'a'.repeat(7000)} HTTP/1.1`,
  }),
  {
    name: 'target: 100 KB',
    why: 'RFC 9112 3: 414, or 431 for the head as a whole',
    client: [ask(`GET /${'a'.repeat(100_000)} HTTP/1.1`)],
    expect: { upstream: 'nothing', client: [{ status: [414, 431] }], end: 'cut' },
  },
];
