/** What a process sees when the state server dies, hangs, comes late, or is not what it should be. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { STATE_PROTOCOL } from '../../src/protocol/state-wire.ts';
import type { State, StateChange } from '../../src/state/contract.ts';
import type { StateOptions } from '../../src/state/create.ts';
import { createState } from '../../src/state/create.ts';
import { rejectsWith } from '../support/state-conformance.ts';
import type { StateServerProcess } from '../support/state-server-process.ts';
import { startStateServerProcess } from '../support/state-server-process.ts';
import { until } from '../support/wait.ts';

const stateModule = join(import.meta.dirname, '../../src/entry/state.ts');

const started = async (t: TestContext, ...args: readonly string[]): Promise<StateServerProcess> => {
  const server = await startStateServerProcess('shop', ...args);
  t.after(() => server.close());
  return server;
};

const opened = (t: TestContext, url: string, options: StateOptions = {}): State => {
  const state = createState({ url, ...options });
  t.after(() => state.close());
  return state;
};

const urlOf = (path: string): string => `embedded:${encodeURIComponent(path)}?store=shop`;

/** Between a process and the state server; loses what it is told to. */
const startProxy = async (t: TestContext, server: StateServerProcess) => {
  const path = `${server.path}.proxy`;
  const pairs = new Set<readonly [Socket, Socket]>();
  const proxy = { path, count: 0, deaf: false, silent: false, cut: () => {} };
  const listener = createServer((down) => {
    proxy.count += 1;
    const up = connect(server.path);
    const pair = [down, up] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, pair.toReversed()] as [Socket, Socket][]) {
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      from.on('data', (chunk) => {
        if (!(from === down ? proxy.deaf : proxy.silent)) to.write(chunk);
      });
    }
  }).listen(path);
  proxy.cut = () => {
    for (const [down] of pairs) down.destroy();
  };
  await once(listener, 'listening');
  t.after(() => {
    listener.close();
    proxy.cut();
  });
  return proxy;
};

/** A server that does `serve` with each connection. */
const startFake = async (t: TestContext, path: string, serve: (socket: Socket, count: number) => void) => {
  let count = 0;
  const fake = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket, (count += 1));
  }).listen(path);
  await once(fake, 'listening');
  t.after(() => fake.close());
  return fake;
};

test('what is asked while nothing is there yet waits until it is', async (t) => {
  const server = await started(t);
  await server.kill();
  const state = opened(t, server.url);
  const [written, listening] = [state.increment('n'), state.subscribe('n', () => {})];
  await server.start();
  assert.equal(await written, 1);
  await listening;
  await server.kill();
  rmSync(server.path);
  const again = state.get('n').catch(() => state.get('n'));
  await server.start();
  assert.equal(await again, undefined);
});

test('what is asked in vain fails in time, and says why', async (t) => {
  const server = await started(t);
  await server.kill();
  const state = opened(t, server.url, { timeout: 200 });
  const began = performance.now();
  const refused = await rejectsWith('E_STATE_AWAY', state.set('key', 1));
  assert.match(refused.message, /set skein:key: The state server cannot be reached \(.*ECONNREFUSED/);
  assert.ok(performance.now() - began < 1000);
  rmSync(server.path);
  const missing = await rejectsWith('E_STATE_AWAY', state.get('key'));
  assert.match(missing.message, /ENOENT/);
  await rejectsWith(
    'E_STATE_AWAY',
    state.subscribe('key', () => {}),
  );
  await rejectsWith('E_STATE_AWAY', state.keys());
});

test('when it dies, entries are gone, subscribers are told, and versions grow on', async (t) => {
  const server = await started(t);
  const state = opened(t, server.url);
  const heard: StateChange[] = [];
  await state.subscribe({ prefix: '' }, (change) => heard.push(change));
  const before = await state.set('key', 1);
  await server.kill();
  await until('it is known', () => heard.at(-1)?.type === 'away');
  await server.start();
  await until('it is back', () => heard.at(-1)?.type === 'missed');
  assert.equal(await state.get('key'), undefined);
  const after = await state.set('key', 2);
  assert.ok(after > before);
  assert.deepEqual(
    heard.map(({ type }) => type),
    ['set', 'away', 'missed', 'set'],
  );
  assert.equal(await state.compareAndSet('key', before, 3), undefined);
});

test('when the connection breaks, reads are asked again and writes are in doubt, each for itself', async (t) => {
  const server = await started(t);
  const proxy = await startProxy(t, server);
  const state = opened(t, urlOf(proxy.path));
  await state.set('key', 'value');
  // Its answer is lost: it was done. The next is lost on the way: it was not.
  proxy.silent = true;
  const done = rejectsWith('E_STATE_IN_DOUBT', state.increment('n'));
  const direct = opened(t, server.url);
  await until('it was done', async () => (await direct.get('n')) === 1);
  proxy.deaf = true;
  const calls = [
    rejectsWith('E_STATE_IN_DOUBT', state.increment('n')),
    rejectsWith('E_STATE_IN_DOUBT', state.publish('topic', 1)),
    rejectsWith('E_STATE_IN_DOUBT', state.delete('key')),
  ];
  const reads = [state.get('key'), state.keys('k'), state.has('key'), state.stats()];
  const heard: StateChange[] = [];
  const subscribed = state.subscribe('key', (change) => heard.push(change));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  proxy.deaf = false;
  proxy.silent = false;
  proxy.cut();
  await Promise.all([done, ...calls]);
  assert.deepEqual((await Promise.all(reads)).slice(0, 3), ['value', ['key'], true]);
  assert.equal(await state.get('n'), 1);
  await subscribed;
  await direct.set('key', 'new');
  await until('changes are heard', () =>
    heard.some((change) => change.type === 'set' && change.value === 'new'),
  );
});

test('a server that hangs: writes are in doubt, reads fail, and all is well when it goes on', async (t) => {
  const server = await started(t);
  const state = opened(t, server.url, { timeout: 250 });
  await state.set('n', 0);
  server.signal('SIGSTOP');
  const began = performance.now();
  const inDoubt = await rejectsWith('E_STATE_IN_DOUBT', state.increment('n'));
  assert.match(inDoubt.message, /no answer within 250 ms/);
  const away = await rejectsWith('E_STATE_AWAY', state.get('n'));
  assert.match(away.message, /no (answer|greeting) within 250 ms/);
  await rejectsWith('E_STATE_AWAY', state.increment('n', 100));
  assert.ok(performance.now() - began < 3000);
  server.signal('SIGCONT');
  // What was sent before is done now, what was refused never is.
  await until('it serves again', async () => (await state.get('n').catch(() => undefined)) === 1);
});

test('with more to be sent than it takes, calls fail rather than fill the memory', async (t) => {
  const server = await started(t);
  const state = opened(t, server.url, { timeout: 500 });
  await state.set('key', 1);
  server.signal('SIGSTOP');
  const large = 'x'.repeat(1_000_000);
  const results = await Promise.allSettled(Array.from({ length: 100 }, () => state.set('large', large)));
  const reasons = results.map(
    (result) => (result as PromiseRejectedResult).reason as { code: string; message: string },
  );
  assert.ok(reasons.some(({ code }) => code === 'E_STATE_IN_DOUBT'));
  const refused = reasons.filter(({ message }) => message.includes('too much waits to be sent'));
  assert.ok(refused.length > 20 && refused.every(({ code }) => code === 'E_STATE_AWAY'));
  server.signal('SIGCONT');
  await until('it serves again', () => state.set('key', 2).catch(() => undefined));
  assert.equal(await state.get('key'), 2);
});

test('who listens where nothing listens yet but somebody who starts the server is connected soon', async (t) => {
  const server = await started(t);
  await server.kill();
  rmSync(server.path);
  const fake = await startFake(t, server.path, (socket, count) => {
    socket.destroy();
    if (count === 3) void server.start();
  });
  const state = opened(t, server.url);
  assert.equal(await state.increment('n'), 1);
  fake.close();
});

test('a server of another version is named as the reason, at once', async (t) => {
  const path = `/tmp/skst-version-${process.pid}`;
  const greeting = { protocol: STATE_PROTOCOL + 1, pid: 1, started: 1 };
  await startFake(t, path, (socket) => socket.end(`${JSON.stringify(greeting)}\n`));
  const state = opened(t, urlOf(path), { timeout: '10s' });
  for (const call of [state.get('key'), state.set('key', 1)]) {
    const error = await rejectsWith('E_STATE_AWAY', call);
    assert.match(error.message, /speaks version 2 of its protocol, this process version 1/);
  }
  await rejectsWith('E_STATE_AWAY', state.get('key'));
});

test('a server that talks nonsense is left, and asked again', async (t) => {
  const server = await started(t);
  const path = `${server.path}.fake`;
  const greeting = `${JSON.stringify({ protocol: STATE_PROTOCOL, pid: 1, started: 1 })}\n`;
  const nonsense = [
    'what\n',
    'null\n',
    `${greeting}what\n`,
    `${greeting}null\n`,
    `${greeting}{"changes":[["x"]]}\n{"changes":5}\n`,
  ];
  await startFake(t, path, (socket, count) => {
    const text = nonsense[count - 1];
    if (text !== undefined) socket.write(text);
    else {
      const up = connect(server.path);
      socket.pipe(up).pipe(socket);
      t.after(() => up.destroy());
    }
  });
  const state = opened(t, urlOf(path));
  assert.deepEqual(await state.keys(), []);
});

test('states of one process share a connection, and closing one leaves it to the others', async (t) => {
  const server = await started(t);
  const proxy = await startProxy(t, server);
  const url = urlOf(proxy.path);
  const states = [opened(t, url), opened(t, url, { namespace: 'other' }), opened(t, url, { timeout: '1s' })];
  const [one, other, third] = states as [State, State, State];
  const heard: StateChange[] = [];
  await one.subscribe('key', (change) => heard.push(change));
  await Promise.all(states.map((state) => state.set('key', 1)));
  assert.equal(proxy.count, 1);
  await one.close();
  await rejectsWith('E_STATE_CLOSED', one.get('key'));
  assert.equal(await other.get('key'), 1);
  await third.set('key', 2);
  assert.equal(heard.filter(({ type }) => type === 'set').length, 2, 'its subscriptions have ended');
  await Promise.all([other.close(), third.close()]);
  const next = opened(t, url);
  assert.equal(await next.get('key'), 2);
  assert.equal(proxy.count, 2);
});

test('the last memory limit counts, for every connection to come too', async (t) => {
  const server = await started(t);
  const one = opened(t, server.url);
  await one.set('key', 'x'.repeat(500));
  const two = opened(t, server.url, { maxMemory: '2K' });
  await Promise.all(Array.from({ length: 10 }, (_, index) => two.set(`k${index}`, 'x'.repeat(500))));
  assert.equal((await one.stats()).engine, 'embedded');
  assert.ok((await one.stats()).evictions > 5);
  await server.kill();
  await server.start();
  const refused = await rejectsWith(
    'E_STATE_TOO_LARGE',
    until('it is back', () => two.set('key', 'x'.repeat(5000))),
  );
  assert.match(refused.message, /limit of 2048/);
});

test('an answer never shows what a listener of this process has not heard', async (t) => {
  const server = await started(t);
  const [one, other] = [opened(t, server.url), opened(t, server.url.replace('state.sock', '.%2Fstate.sock'))];
  const seen = new Map<string, number>();
  await one.subscribe<number>({ prefix: '' }, (change) => {
    if (change.type === 'set') seen.set(change.key, change.value);
  });
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const key = `k${index % 10}`;
      const others = index % 2 ? other.increment(key) : undefined;
      const sum = index % 3 ? await one.increment(key) : ((await one.get<number>(key)) ?? 0);
      assert.ok((seen.get(key) ?? 0) >= sum);
      await others;
    }),
  );
});

const program = (body: string): string =>
  `import { createState } from ${JSON.stringify(stateModule)};\nconst state = createState();\n${body}`;

test('a child process and a thread use it by their environment; a connection keeps none alive, a call does', async (t) => {
  const server = await started(t);
  const state = opened(t, server.url);
  const env = { ...process.env, SKEIN_STATE: server.url };
  const run = async (body: string): Promise<number | null> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(body)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };
  assert.equal(
    await run(
      `await state.subscribe('key', () => {}); await state.increment('child'); void state.increment('child');`,
    ),
    0,
  );
  assert.equal(await state.get('child'), 2);
  const thread = new Worker(program(`await state.increment('thread');`), { eval: true, env });
  await once(thread, 'exit');
  assert.equal(await state.get('thread'), 1);
  await server.kill();
  const waits = run(`if ((await state.increment('late')) !== 1) process.exit(1); process.exitCode = 7;`);
  await server.start();
  assert.equal(await waits, 7);
});
