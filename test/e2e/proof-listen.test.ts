/** Every kind of server and address, on several workers and on one, in both accept modes. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { get, getJson } from '../support/http.ts';
import { noRequestLost } from '../support/no-request-lost.ts';
import { freePort } from '../support/ports.ts';
import { fixture, withSkein } from '../support/skein.ts';
import type { Skein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const modes = [
  ['-i', '3', '--accept', 'per-worker'],
  ['-i', '3', '--accept', 'shared'],
  ['-i', '1'],
] as const;

const forModes = (
  name: string,
  use: (skein: Skein, flags: readonly string[], port: number) => Promise<void>,
): void => {
  for (const flags of modes) {
    test(`${name} (${flags.join(' ')})`, { timeout: 60_000 }, () =>
      withSkein(async (skein) => use(skein, ['-n', 'app', ...flags], await freePort())),
    );
  }
};

const startOn = (
  skein: Skein,
  script: string,
  flags: readonly string[],
  env: Record<string, string>,
): Promise<unknown> => skein.ok(['start', fixture(script), ...flags], { env });

forModes('net', async (skein, flags, port) => {
  await startOn(skein, 'net-echo.js', flags, { PORT: String(port) });
  for (let n = 0; n < 10; n += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.end(`line ${n}`);
    assert.equal(await text(socket), `line ${n}`);
  }
});

forModes('tls', async (skein, flags, port) => {
  await startOn(skein, 'tls-echo.js', flags, { PORT: String(port) });
  for (let n = 0; n < 10; n += 1) {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    socket.end(`line ${n}`);
    assert.equal(await text(socket), `line ${n}`);
  }
});

forModes('udp', async (skein, flags, port) => {
  await startOn(skein, 'udp-echo.js', flags, { PORT: String(port) });
  const socket = createSocket('udp4');
  for (let n = 0; n < 10; n += 1) {
    socket.send(`datagram ${n}`, port, '127.0.0.1');
    const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(5_000) })) as [Buffer];
    assert.match(String(answer), new RegExp(`^\\d+ datagram ${n}$`));
  }
  socket.close();
});

forModes('several ports', async (skein, flags, port) => {
  const adminPort = await freePort();
  await startOn(skein, 'several-ports.js', flags, { PORT: String(port), ADMIN_PORT: String(adminPort) });
  assert.equal((await get(port)).body, 'public');
  assert.equal((await get(adminPort)).body, 'admin');
  await skein.ok(['reload', 'app']);
  assert.equal((await get(port)).body, 'public');
  assert.equal((await get(adminPort)).body, 'admin');
});

forModes('listen(0): all workers get the same port, also after a reload', async (skein, flags) => {
  await startOn(skein, 'listen-zero.js', flags, {});
  const ports = async (): Promise<number[]> => {
    const { stdout } = await skein.ok(['logs', 'app', '--lines', '100', '--json']);
    return [...stdout.matchAll(/port (\d+)/g)].map((match) => Number(match[1]));
  };
  const workers = flags.includes('3') ? 3 : 1;
  const first = await until('each worker has printed its port', async () => {
    const found = await ports();
    return found.length === workers && found;
  });
  assert.equal(new Set(first).size, 1);
  await skein.ok(['reload', 'app']);
  await until('each new worker has printed its port', async () => (await ports()).length === 2 * workers);
  assert.equal(new Set(await ports()).size, 1);
  const pid = Number((await get(first[0] ?? 0)).body);
  assert.ok((await skein.pids('app')).includes(pid));
});

forModes('unix path', async (skein, flags) => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-path-'));
  const socketPath = join(dir, 'app.sock');
  await startOn(skein, 'unix-socket.js', flags, { SOCKET_PATH: socketPath });
  assert.equal((await get(0, '/', { socketPath })).body, 'hello\n');
  await skein.ok(['reload', 'app']);
  assert.equal((await get(0, '/', { socketPath })).body, 'hello\n');
  rmSync(dir, { recursive: true });
});

forModes('IPv6', async (skein, flags, port) => {
  await startOn(skein, 'ipv6.js', flags, { PORT: String(port) });
  assert.equal((await get(port, '/', { host: '::1' })).body, 'hello\n');
  await assert.rejects(get(port), { code: 'ECONNREFUSED' });
});

forModes('host name', async (skein, flags, port) => {
  await startOn(skein, 'host-name.js', flags, { PORT: String(port) });
  assert.equal((await get(port, '/', { host: 'localhost' })).body, 'hello\n');
});

test('a unix path across a reload under load', { timeout: 60_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-path-'));
  const path = join(dir, 'app.sock');
  await noRequestLost({
    script: 'unix-socket.js',
    env: { SOCKET_PATH: path },
    load: {
      path,
      rate: 300,
      postShare: 0,
      mix: { 'keep-alive': 1, 'one-shot': 1, pipelined: 1, 'slow-write': 1 },
    },
    act: async ({ skein, app }) => void (await skein.ok(['reload', app])),
  });
  rmSync(dir, { recursive: true });
});

test('an app that uses node:cluster takes its worker branch on several workers', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    await startOn(skein, 'uses-cluster.js', ['-n', 'app', '-i', '2'], { PORT: String(port) });
    const answer = await getJson<{ pid: number; isWorker: boolean }>(port);
    assert.equal(answer.isWorker, true);
    assert.ok((await skein.pids('app')).includes(answer.pid));
  }),
);

test('an app that uses node:cluster works unmodified on one worker', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    await startOn(skein, 'uses-cluster.js', ['-n', 'app', '--ready', 'started'], { PORT: String(port) });
    const answer = await until('its own workers listen', () =>
      getJson<{ parent: number; isWorker: boolean }>(port).catch(() => null),
    );
    assert.equal(answer.isWorker, true);
    assert.deepEqual(await skein.pids('app'), [answer.parent]);
  }),
);

test(
  'an address that a foreign program holds: a clear error, exit code 7',
  { timeout: 60_000 },
  async (t) => {
    const port = await freePort();
    const foreign = createServer().listen(port);
    t.after(() => foreign.close());
    await once(foreign, 'listening');
    await withSkein(async (skein) => {
      for (const flags of modes) {
        const { code, stderr } = await skein.run(['start', fixture('http.js'), '-n', 'app', ...flags], {
          env: { PORT: String(port) },
        });
        assert.equal(code, 7, stderr);
        assert.match(stderr, new RegExp(`skein: app: \\S*${port} is held by `));
        await skein.run(['delete', 'app']);
      }
    });
  },
);

test('an address that another app of ours holds: the error names it', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    for (const flags of modes) {
      const port = await freePort();
      await startOn(skein, 'http.js', ['-n', 'first', ...flags], { PORT: String(port) });
      const { code, stderr } = await skein.run(['start', fixture('http.js'), '-n', 'second', ...flags], {
        env: { PORT: String(port) },
      });
      assert.equal(code, 7, stderr);
      assert.match(stderr, /held by .*first/);
      assert.equal((await get(port)).body, 'hello\n');
      await skein.ok(['delete', 'all']);
    }
  }),
);
