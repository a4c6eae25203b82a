import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { probe } from '../../../../../src/balancer/pool/health/probe.ts';
import { defaultActiveHealth } from '../../../../../src/config/balance-defaults.ts';
import type { ActiveHealth, UpstreamAddress } from '../../../../../src/protocol/balance.ts';

const folder = mkdtempSync(join(tmpdir(), 'sk-probe-'));
after(() => rmSync(folder, { recursive: true }));
const running = new AbortController();

/** Answers every connection with these bytes, and keeps what it was sent. */
const serve = async (answer: string, path?: string) => {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.endsWith('\r\n\r\n')) return;
      seen.push(text);
      if (answer !== '') socket.end(answer, 'latin1');
    });
  });
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const bound = server.address();
  const address: UpstreamAddress =
    bound === null || typeof bound === 'string'
      ? { kind: 'unix', path: path ?? '' }
      : { kind: 'tcp', host: '127.0.0.1', port: bound.port };
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { address, seen, close, sockets };
};

const check = async (
  answer: string,
  own: Partial<ActiveHealth> = {},
): Promise<{ problem: string | undefined; seen: readonly string[] }> => {
  const { address, seen, close } = await serve(answer);
  const problem = await probe(address, { ...defaultActiveHealth, ...own }, null, running.signal);
  await close();
  return { problem, seen };
};

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready';

for (const [answer, own, problem] of [
  [ok, {}, undefined],
  ['HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n', {}, undefined],
  ['HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', {}, 'it answers 404'],
  [
    'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n',
    { expectStatus: [[200, 200]] },
    'it answers 302',
  ],
  [ok, { expectBody: 'ready' }, undefined],
  [ok, { expectBody: 'fine' }, 'its answer is not what is expected'],
  [
    'HTTP/1.1 200 OK\r\n\r\n' + 'x'.repeat(200_000) + 'ready',
    { expectBody: 'ready' },
    'its answer is not what is expected',
  ],
] as const)
  test(`${JSON.stringify(answer).slice(1, 40)} with ${JSON.stringify(own)}: ${problem ?? 'passes'}`, async () => {
    assert.equal((await check(answer, own as Partial<ActiveHealth>)).problem, problem);
  });

test('what is sent', async () => {
  const { seen } = await check(ok, { path: '/health?deep=1', method: 'HEAD' });
  assert.match(seen[0] ?? '', /^HEAD \/health\?deep=1 HTTP\/1\.1\r\n/);
  assert.match(seen[0] ?? '', /^Host: 127\.0\.0\.1:\d+\r$/m);
  assert.match(seen[0] ?? '', /^Connection: close\r$/m);
  assert.match(seen[0] ?? '', /^User-Agent: skein\/\d/m);
  assert.equal(seen.length, 1, 'a redirect is not followed, nothing is asked twice');
});

for (const answer of ['', 'HTTP/1.1 200 OK\r\nContent-Le'])
  test(`an answer that does not come${answer === '' ? '' : ' whole'} is none`, async () => {
    const { problem } = await check(answer, { timeoutMs: 60 });
    assert.match(problem ?? '', /no answer within 60 ms|socket hang up|aborted/);
  });

test('nonsense is no answer', async () => {
  assert.match((await check('SSH-2.0-OpenSSH_9\r\n\r\n')).problem ?? '', /Parse Error/);
});

test('over a unix socket; refused when nobody is there', async () => {
  const path = join(folder, 'a.sock');
  const { address, seen, close } = await serve(ok, path);
  assert.equal(await probe(address, defaultActiveHealth, null, running.signal), undefined);
  assert.match(seen[0] ?? '', /^Host: localhost\r$/m);
  await close();
  assert.match(
    (await probe(address, defaultActiveHealth, null, running.signal)) ?? '',
    /ENOENT|ECONNREFUSED/,
  );
});

test('TCP: that it connects is enough', async () => {
  assert.equal((await check('', { kind: 'tcp' })).problem, undefined);
});

test('an upstream that wants a PROXY header gets one, of the balancer itself', async () => {
  for (const [version, begins] of [
    ['v1', /^PROXY UNKNOWN\r\nGET /],
    ['v2', /^\r\n\r\n\0\r\nQUIT\n \0\0\0GET /],
  ] as const) {
    const { address, seen, close } = await serve(ok);
    assert.equal(await probe(address, defaultActiveHealth, version, running.signal), undefined);
    assert.match(seen[0] ?? '', begins);
    await close();
  }
});

test('stopped: it ends at once and leaves no connection', async () => {
  const { address, sockets, close } = await serve('');
  const stop = new AbortController();
  const problem = probe(address, defaultActiveHealth, null, stop.signal);
  stop.abort();
  assert.notEqual(await problem, undefined);
  for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close');
  await close();
});
