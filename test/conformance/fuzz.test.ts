/**
 * Requests that were good until something was changed in them. Whatever of it the upstream is given is
 * what a strict reader finds in the client's own bytes, request for request, or nothing.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Case } from './support/case.ts';
import { ask, chunks, get, head, ok, replies } from './support/case.ts';
import type { RequestSeen, ResponseSeen } from './support/message.ts';
import { NotHttp, requestAt, responseAt } from './support/message.ts';
import { observe } from './support/observe.ts';
import type { Balancer } from './support/skein.ts';
import { balancer } from './support/skein.ts';

const RUNS = 300;

/** Behind all of it, so that what is whole is answered and the connection ends. */
const LAST = ask('GET /last HTTP/1.1', 'Connection: close');

/** What is put in, or in the place of something: what framing is made of, and what looks like it. */
const PIECES: readonly string[] = [
  ...['\r', '\n', '\r\n', '\r\n\r\n', ' ', '\t', ':', ';', ',', '\0', '\u000b', '\u00a0', '_', '-', '+', '"'],
  ...['0', '1', '5', 'a', 'F', '0x', '00', '0\r\n\r\n', '5\r\n', '\r\n0\r\n\r\n', ';a=b', 'chunked', 'close'],
  ...['Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'content-length: 11\r\n', 'Content-Length : 5\r\n'],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'transfer-encoding:chunked\r\n',
    'Transfer-Encoding: gzip, chunked\r\n',
  ],
  ...['Transfer-Encoding : chunked\r\n', ' Transfer-Encoding: chunked\r\n', 'Transfer_Encoding: chunked\r\n'],
  ...['Host: b\r\n', 'Connection: close\r\n', 'Connection: keep-alive\r\n', 'Expect: 100-continue\r\n'],
  ...['Connection: Upgrade\r\nUpgrade: websocket\r\n', 'Connection: Content-Length\r\n', 'TE: trailers\r\n'],
  ...['GET /x HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.0', 'HTTP/2.0', 'http://a', '*', '#', 'POST', 'TRACE'],
];

const body = fc.stringMatching(/^[a-z]{0,12}$/);
const path = fc.stringMatching(/^\/[a-z]{1,6}$/);

const request = fc.oneof(
  path.map((to) => ask(`GET ${to} HTTP/1.1`, 'X-A: b')),
  fc
    .tuple(path, body)
    .map(([to, what]) => ask(`POST ${to} HTTP/1.1`, `Content-Length: ${what.length}`) + what),
  fc
    .tuple(path, fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 3 }))
    .map(([to, parts]) => ask(`PUT ${to} HTTP/1.1`, 'Transfer-Encoding: chunked') + chunks(...parts)),
);

/** `where`: modulo the length, for small numbers come more often; `length`: so much goes there. */
const change = fc.record({
  where: fc.nat({ max: 99_991 }),
  length: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 3 })),
  piece: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, fc.constant('')),
  /** At the beginning of a line, where whole lines belong. */
  atLine: fc.boolean(),
});

type Change = typeof change extends fc.Arbitrary<infer One> ? One : never;

const changed = (good: string, changes: readonly Change[]): string => {
  let text = good;
  for (const { where, length, piece, atLine } of changes) {
    const near = where % text.length;
    const at = atLine ? text.lastIndexOf('\r\n', near) + 2 : near;
    text = text.slice(0, at) + piece + text.slice(at + length);
  }
  return text;
};

const bytes = fc
  .tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.array(change, { maxLength: 3 }))
  .map(([requests, changes]) => changed(requests.join(''), changes));

/** In origin form. */
const target = (text: string): string => {
  const rest = /^https?:\/\/[^/?]*(.*)$/i.exec(text)?.[1] ?? text;
  return rest.startsWith('/') || rest === '*' ? rest : `/${rest}`;
};

interface Sent {
  readonly whole: readonly RequestSeen[];
  /** Method and target of the one behind them that breaks off or is none; '' when nothing is there. */
  readonly broken: string;
}

/** What is in the client's bytes, up to where they are no HTTP. */
const sent = (text: string): Sent => {
  const whole: RequestSeen[] = [];
  let at = 0;
  try {
    for (let found = requestAt(text, at, true); found?.request.whole; found = requestAt(text, at, true)) {
      whole.push(found.request);
      at = found.end;
    }
  } catch (error) {
    if (!(error instanceof NotHttp)) throw error;
  }
  const [, method = '', to = ''] = /^[\r\n]*(\S+) +(\S+)/.exec(text.slice(at)) ?? [];
  return { whole, broken: `${method} ${target(to)}` };
};

const essence = ({ method, target: to, body: what }: RequestSeen): string =>
  `${method} ${target(to)} ${what}`;

const answer = fc.oneof(
  body.map((what) => ok(what, 'X-A: b')),
  fc
    .array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 3 })
    .map((parts) => head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'X-A: b') + chunks(...parts)),
  body.map((what) => head('HTTP/1.1 200 OK', 'X-A: b') + what),
  body.map((what) => head('HTTP/1.1 103 Early Hints', 'Link: a') + ok(what)),
);

let ours: Balancer;
before(async () => {
  ours = await balancer('plain');
});
after(() => ours.stop());

test('what reaches the upstream is what the client sent, or nothing', async () => {
  let reached = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(bytes, async (text) => {
      const one: Case = {
        name: 'fuzz',
        why: 'RFC 9112 11',
        client: [text + LAST, { settleMs: 50 }, 'fin', 'client-ended'],
        expect: { upstream: 'nothing', client: [], end: 'any' },
      };
      const { requests, responses, strays, alive, end } = await observe(ours.plain, one);
      assert.deepEqual(strays, [], 'only requests reach the upstream');
      assert.ok(alive, 'a request of somebody else gets its own answer');
      assert.notEqual(end, 'open', 'the connection ends');
      reached += requests.filter(({ whole }) => whole).length;
      if (responses.some(({ status }) => status === 400)) refused += 1;
      const { whole, broken } = sent(text + LAST);
      for (const [at, seen] of requests.entries()) {
        const meant = whole[at];
        if (seen.whole) assert.equal(essence(seen), meant === undefined ? 'nothing' : essence(meant));
        else {
          const beginning = meant === undefined ? broken : essence(meant);
          const begun = `${seen.method} ${target(seen.target)}`;
          assert.ok(at <= whole.length && beginning.startsWith(begun), `${begun} of ${beginning}`);
          assert.ok(seen.ended, 'what is not whole ends with its connection');
        }
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(reached > RUNS / 2, `${reached} requests reached the upstream`);
  assert.ok(refused > RUNS / 10, `${refused} were refused`);
});

/** The final answer in an upstream's bytes, all of which came before its FIN; undefined: there is none. */
const final = (text: string): ResponseSeen | undefined => {
  let at = 0;
  try {
    for (let found = responseAt(text, at, 'GET', true, true); found;) {
      if (found.response.status >= 200) return found.response;
      at = found.end;
      found = responseAt(text, at, 'GET', true, true);
    }
  } catch (error) {
    if (!(error instanceof NotHttp)) throw error;
  }
  return undefined;
};

test('what looks complete to the client is what the upstream sent', async () => {
  let good = 0;
  await fc.assert(
    fc.asyncProperty(answer, fc.array(change, { minLength: 1, maxLength: 3 }), async (text, changes) => {
      const said = changed(text, changes);
      const one: Case = {
        name: 'fuzz',
        why: 'RFC 9112 6.3, 8',
        client: [get('Connection: close'), 'client-ended'],
        upstream: [replies(said, 'fin'), replies(said, 'fin')],
        expect: { upstream: [{}], client: [], end: 'any' },
      };
      const { responses, rest, alive, end } = await observe(ours.plain, one);
      assert.ok(alive, 'a request of somebody else gets its own answer');
      assert.notEqual(end, 'open', 'the connection ends');
      assert.equal(rest, '', 'only HTTP reaches the client');
      const last = responses.find(({ status }) => status >= 200);
      if (last === undefined || !last.whole || last.status === 502) return;
      good += 1;
      const meant = final(said);
      assert.deepEqual(
        [last.status, last.body],
        [meant?.status, meant?.whole === true ? meant.body : 'not whole'],
      );
    }),
    { numRuns: RUNS },
  );
  assert.ok(good > RUNS / 10, `${good} answers were good`);
});
