/** The state server as a process, spoken to in raw bytes: nothing that a client does may end or fill it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { MAX_LINE_CHARS, OP, STATE_PROTOCOL } from '../../src/protocol/state-wire.ts';
import { processMemory } from '../support/process-memory.ts';
import type { StateServerProcess } from '../support/state-server-process.ts';
import { startStateServerProcess } from '../support/state-server-process.ts';
import { until } from '../support/wait.ts';

interface Raw {
  readonly socket: Socket;
  readonly lines: unknown[];
  /** Over, from whichever side. */
  readonly closed: Promise<unknown>;
  send(text: string): void;
  /** Sends calls and waits for the answers to as many. */
  ask(...calls: readonly unknown[][]): Promise<unknown[]>;
}

const hello = (more: object = {}): string =>
  `${JSON.stringify({ protocol: STATE_PROTOCOL, store: 'shop', ...more })}\n`;

const raw = async (t: TestContext, { path }: StateServerProcess): Promise<Raw> => {
  const socket = connect(path);
  await once(socket, 'connect');
  t.after(() => socket.destroy());
  const lines: unknown[] = [];
  let rest = '';
  let onLines = (): void => {};
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part));
    onLines();
  });
  socket.on('error', () => {});
  const send = (text: string): void => void socket.write(text);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  return {
    socket,
    lines,
    closed,
    send,
    async ask(...calls) {
      const before = lines.length;
      send(`${JSON.stringify(calls.flat())}\n`);
      return new Promise((resolve) => {
        onLines = () => {
          const answers = lines.slice(before).filter((line) => Array.isArray(line));
          if (answers.flat(1).length >= calls.length) resolve(answers.flat(1));
        };
      });
    },
  };
};

const greeted = async (t: TestContext, server: StateServerProcess, more: object = {}): Promise<Raw> => {
  const client = await raw(t, server);
  client.send(hello(more));
  await until('it greets', () => client.lines.length === 1);
  return client;
};

const started = async (t: TestContext, ...args: readonly string[]): Promise<StateServerProcess> => {
  const server = await startStateServerProcess('shop', ...args);
  t.after(() => server.close());
  return server;
};

/** It still serves others, and as before. */
const serves = async (t: TestContext, server: StateServerProcess): Promise<void> => {
  const client = await greeted(t, server, { store: 'other' });
  const [version, entry] = await client.ask([OP.set, 'key', '"ü🪿"', null], [OP.get, 'key']);
  assert.deepEqual(entry, ['"ü🪿"', version, null]);
  client.socket.destroy();
};

test('it greets with who it is, and its socket is for its user alone', async (t) => {
  const before = Date.now();
  const server = await started(t);
  const { lines } = await greeted(t, server);
  const welcome = lines[0] as { protocol: number; pid: number; started: number };
  assert.deepEqual([welcome.protocol, welcome.pid], [STATE_PROTOCOL, server.pid]);
  assert.ok(welcome.started >= before && welcome.started <= Date.now());
  assert.equal(statSync(server.path).mode & 0o777, 0o600);
});

const nonsense: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['bytes', Buffer.from([0, 255, 254, 10, 128, 13, 10, 0]), /not JSON/],
  ['another program’s protocol', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', /not JSON/],
  ['a greeting that is null', 'null\n', /no greeting/],
  ['a greeting that is a list', '[1,"key"]\n', /no greeting/],
  ['a greeting without a store', `{"protocol":${STATE_PROTOCOL}}\n`, /names no store/],
  ['a limit that is none', hello({ maxBytes: -1 }), /no number of bytes/],
  ['a call that is no list', `${hello()}{"op":1}\n`, /no list/],
  ['half a list', `${hello()}[1,"key"\n`, /not JSON/],
  ['a call without its argument', `${hello()}[1]\n`, /a text should be/],
  ['a call that there is not', `${hello()}[99,"key"]\n`, /no such call/],
  ['a text for an integer', `${hello()}[4,"key","1",null]\n`, /an integer should be/],
  ['an integer that is none', `${hello()}[4,"key",1e300,null]\n`, /an integer should be/],
  ['a time to live in the past', `${hello()}[2,"key","1",-5]\n`, /an integer should be/],
  ['a subscription of no kind', `${hello()}[9,"__proto__","key"]\n`, /no such kind/],
];

test('nonsense ends the connection that it came over, with the reason, and nothing else', async (t) => {
  const server = await started(t);
  for (const [what, bytes, reason] of nonsense) {
    const client = await raw(t, server);
    client.socket.write(bytes);
    await client.closed;
    const last = client.lines.at(-1) as { farewell?: string };
    assert.match(last.farewell ?? '', reason, what);
  }
  await serves(t, server);
  assert.match(server.output, /a connection was ended: there is no such call/);
});

test('calls before the nonsense are done and answered', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  client.send(`[${OP.increment},"n",5,null,99]\n`);
  await client.closed;
  assert.deepEqual(client.lines.slice(1), [[5], { farewell: 'there is no such call' }]);
});

test('another version of the protocol is told which one this is', async (t) => {
  const server = await started(t);
  const client = await raw(t, server);
  client.send('{"protocol":7,"whatever":[]}\n');
  await client.closed;
  assert.deepEqual((client.lines[0] as { protocol: number }).protocol, STATE_PROTOCOL);
  assert.match((client.lines[1] as { farewell: string }).farewell, /version 7/);
});

test('a line that does not end is refused before it fills the memory', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  const chunk = 'x'.repeat(1024 * 1024);
  client.send('[2,"key","');
  for (let sent = 0; sent <= MAX_LINE_CHARS && !client.socket.destroyed; sent += chunk.length)
    if (!client.socket.write(chunk))
      await Promise.race([new Promise((resolve) => client.socket.once('drain', resolve)), client.closed]);
  await client.closed;
  assert.match((client.lines.at(-1) as { farewell: string }).farewell, /too long/);
  await serves(t, server);
});

test('lines in any pieces are whole again, and what is cut off is never done', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  for (const byte of Buffer.from(`[2,"key","\\"ü🪿\\"",null,1,"key"]\n[4,"n",1,null]\n`)) {
    client.socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const answers = await until('all answers', () => {
    const all = client.lines.slice(1).flat(1);
    return all.length === 3 && all;
  });
  assert.deepEqual([(answers[1] as string[])[0], answers[2]], ['"ü🪿"', 1]);
  client.socket.end('[4,"n",100,null]\n[4,"n",1000,nul');
  await client.closed;
  const other = await greeted(t, server);
  assert.deepEqual(await other.ask([OP.increment, 'n', 0, null]), [101]);
});

test('who dies in the middle of many calls takes nobody along', async (t) => {
  const server = await started(t);
  const batch = `[${Array.from({ length: 50_000 }, () => `${OP.increment},"n",1,null`).join(',')}]\n`;
  for (let round = 0; round < 5; round += 1) {
    const client = await greeted(t, server);
    client.send(batch + batch.slice(0, 1000));
    await until('it has begun to answer', () => client.lines.length > 1);
    client.socket.destroy();
  }
  const client = await greeted(t, server);
  assert.deepEqual(await client.ask([OP.increment, 'n', 0, null]), [250_000]);
});

test('who reads no answers is not served more of them, and the server does not grow', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  const megabyte = JSON.stringify('x'.repeat(1_000_000));
  await client.ask([OP.set, 'large', megabyte, null]);
  const before = processMemory(server.pid);
  client.socket.pause();
  // 300 MB of answers.
  const line = `[${Array.from({ length: 150 }, () => `${OP.get},"large"`).join(',')},${OP.increment},"n",1,null]\n`;
  client.send(line + line);
  await serves(t, server);
  const other = await greeted(t, server);
  assert.deepEqual(await other.ask([OP.get, 'n']), [null]);
  assert.ok(processMemory(server.pid) - before < 60_000_000, 'what it owes is bounded');
  let read = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk: string) => {
    read += chunk.length;
  });
  client.socket.resume();
  await until('all answers are there after all', () => read > 300_000_000, 30_000);
  assert.deepEqual(await other.ask([OP.increment, 'n', 0, null]), [2]);
});

test('who reads none of the changes it subscribed to is cut off, and only that one', async (t) => {
  const server = await started(t);
  const [deaf, hears, writer] = [
    await greeted(t, server),
    await greeted(t, server),
    await greeted(t, server),
  ];
  for (const client of [deaf, hears]) await client.ask([OP.subscribe, 'prefix', 'k']);
  deaf.socket.pause();
  const text = JSON.stringify('x'.repeat(100_000));
  for (let count = 0; count < 400; count += 1) await writer.ask([OP.set, `k${count % 10}`, text, null]);
  const heard = await until('the other hears all', () => {
    const changes = hears.lines.slice(2).flatMap((line) => (line as { changes: unknown[][] }).changes);
    return changes.length === 400 && changes;
  });
  assert.deepEqual(
    heard.map(([, key]) => key),
    Array.from({ length: 400 }, (_, index) => `k${index % 10}`),
  );
  assert.match(server.output, /does not read what it subscribed to/);
  deaf.socket.resume();
  await deaf.closed;
});

test('a change is told before the answer to the call that made it, once, by whatever it is heard', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  await client.ask(
    [OP.subscribe, 'key', 'key'],
    [OP.subscribe, 'key', 'key'],
    [OP.subscribe, 'prefix', 'k'],
    [OP.subscribe, 'prefix', ''],
    [OP.subscribe, 'topic', 'news'],
  );
  const at = client.lines.length;
  const [version] = await client.ask(
    [OP.set, 'key', '1', null],
    [OP.publish, 'news', '"hello"'],
    [OP.delete, 'key'],
  );
  assert.deepEqual(client.lines.slice(at), [
    {
      changes: [
        ['s', 'key', '1', version, null],
        ['m', 'news', '"hello"'],
        ['d', 'key', version, 'deleted'],
      ],
    },
    [version, null, true],
  ]);
  await client.ask(
    [OP.unsubscribe, 'key', 'key'],
    [OP.unsubscribe, 'prefix', 'k'],
    [OP.unsubscribe, 'prefix', ''],
  );
  const quiet = client.lines.length;
  await client.ask([OP.set, 'key', '2', null]);
  assert.equal(client.lines.length, quiet + 1);
});

test('stores are apart, each with the limit that was last given', async (t) => {
  const server = await started(t);
  const shop = await greeted(t, server, { maxBytes: 1000 });
  const blog = await greeted(t, server, { store: 'blog' });
  const text = JSON.stringify('x'.repeat(200));
  for (let count = 0; count < 10; count += 1) {
    await shop.ask([OP.set, `k${count}`, text, null]);
    await blog.ask([OP.set, `k${count}`, text, null]);
  }
  const [[entries, bytes, evictions]] = (await shop.ask([OP.stats])) as [number[]];
  assert.deepEqual([entries, evictions], [2, 8]);
  assert.ok(bytes !== undefined && bytes <= 1000);
  assert.equal(((await blog.ask([OP.stats])) as [number[]])[0][0], 10);
  await shop.ask([OP.limit, 500]);
  assert.deepEqual(((await shop.ask([OP.stats])) as [number[]])[0].slice(0, 1), [1]);
  const [refused] = (await shop.ask([OP.set, 'key', text.repeat(2), null])) as [{ error: { code: string } }];
  assert.equal(refused.error.code, 'E_STATE_TOO_LARGE');
});

test('a store that is dropped is empty, and who else uses it has to begin anew', async (t) => {
  const server = await started(t);
  const [one, other, blog] = [
    await greeted(t, server),
    await greeted(t, server),
    await greeted(t, server, { store: 'blog' }),
  ];
  const [before] = (await one.ask([OP.set, 'key', '1', null])) as [number];
  await blog.ask([OP.set, 'key', '1', null]);
  assert.deepEqual(await one.ask([OP.drop]), [1]);
  await other.closed;
  const [entry, version] = (await one.ask([OP.get, 'key'], [OP.set, 'key', '1', null])) as [null, number];
  assert.equal(entry, null);
  assert.ok(version > before);
  assert.equal(((await blog.ask([OP.stats])) as [number[]])[0][0], 1);
});

test('it ends by itself when nobody is connected and nothing is kept, and not before', async (t) => {
  const server = await started(t, '--idle', '150ms');
  const client = await greeted(t, server);
  const waited = performance.now();
  await client.ask([OP.set, 'key', '1', 400]);
  client.socket.destroy();
  assert.equal(await server.ended, 0);
  assert.ok(performance.now() - waited > 500, 'neither while there was a connection nor an entry');
});

test('SIGTERM ends it at once; what a terminal sends to all does not', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  server.signal('SIGINT');
  server.signal('SIGHUP');
  await client.ask([OP.set, 'key', '1', null]);
  server.signal('SIGTERM');
  assert.equal(await server.ended, null, 'by the signal');
  await client.closed;
});

test('it takes the place of another socket in one step, and ends when another takes its own', async (t) => {
  const server = await started(t);
  const client = await greeted(t, server);
  const usurper = createServer().listen(`${server.path}.other`);
  await once(usurper, 'listening');
  t.after(() => usurper.close());
  renameSync(`${server.path}.other`, server.path);
  assert.equal(await server.ended, 1);
  await client.closed;
  assert.match(server.output, /has the place of its socket/);
  // Over what listens there, without a moment in which nothing does.
  await server.start();
  await greeted(t, server);
});

test('it ends when its home is gone', async (t) => {
  const server = await started(t);
  rmSync(server.path);
  assert.equal(await server.ended, 1);
});
