/** Apps that keep sessions in the memory of a worker, with the clients that people use, over four workers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { get } from '../support/http.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const WORKERS = 4;

const startSticky = async (skein: Skein, script: string, ...flags: string[]): Promise<number> => {
  const port = await freePort();
  const balance = ['--balance', 'least-connections', '--drain-timeout', '4s', ...flags];
  await skein.ok(['start', fixture(script), '-n', 'app', '-i', String(WORKERS), ...balance], {
    env: { PORT: String(port) },
  });
  return port;
};

/** One of socket.io's own clients, as it comes: long polling first, then a WebSocket, and cookies as in a browser. */
const openChat = (port: number, failures: string[]): Socket => {
  const socket = io(`http://127.0.0.1:${port}`, {
    withCredentials: true,
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
  });
  return socket.on('connect_error', ({ message }) => failures.push(message));
};

const isUpgraded = ({ connected, io: { engine } }: Socket): boolean =>
  connected && engine.transport.name === 'websocket';

const who = (sockets: readonly Socket[]): Promise<readonly number[]> =>
  Promise.all(sockets.map(async (socket) => (await socket.timeout(5000).emitWithAck('who')) as number));

test('socket.io: every handshake succeeds, also through a reload', { timeout: 120_000 }, () =>
  withSkein(async (skein) => {
    const port = await startSticky(skein, 'chat.cjs', '--sticky');
    const failures: string[] = [];
    const sockets = Array.from({ length: 40 }, () => openChat(port, failures));
    try {
      await until('all are upgraded', () => sockets.every(isUpgraded), 20_000);
      const before = await who(sockets);
      assert.equal(new Set(before).size, WORKERS, 'they are on all workers');
      const reload = skein.ok(['reload', 'app']);
      // Those that come meanwhile too.
      let reloaded = false;
      void reload.finally(() => (reloaded = true));
      while (!reloaded) {
        const late = openChat(port, failures);
        sockets.push(late);
        await until('who comes in the middle is upgraded', () => isUpgraded(late), 20_000);
      }
      await reload;
      await until('all are back', () => sockets.every(isUpgraded), 20_000);
      const after = await who(sockets);
      assert.deepEqual(
        after.filter((pid) => before.includes(pid)),
        [],
      );
      assert.ok(sockets.length > 41, 'some came in the middle');
      assert.deepEqual(failures, []);
    } finally {
      for (const socket of sockets) socket.disconnect();
    }
  }),
);

interface Seen {
  readonly user: string | null;
  readonly worker: number;
  readonly ip: string;
}

/** Somebody with cookies, at an address. */
class Person {
  readonly name: string;
  readonly address: string;
  readonly #cookies = new Map<string, string>();

  constructor(nth: number) {
    this.name = `person-${nth}`;
    this.address = `203.0.113.${nth + 1}`;
  }

  async ask(port: number, agent: Agent, method: string, path: string): Promise<Seen> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'x-person-at': this.address, ...(cookie === '' ? {} : { cookie }) };
    const sent = request({ host: '127.0.0.1', port, method, path, agent, headers }).end();
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    assert.equal(response.statusCode, 200);
    return (await json(response)) as Seen;
  }
}

/** All log in and ask for themselves again and again, over connections that they share. */
const stayLoggedIn = async (port: number, agent: Agent): Promise<readonly Seen[]> => {
  const people = Array.from({ length: 24 }, (_, nth) => new Person(nth));
  const homes = await Promise.all(
    people.map((person) => person.ask(port, agent, 'POST', `/login?name=${person.name}`)),
  );
  assert.ok(new Set(homes.map(({ worker }) => worker)).size > 1, 'more than one worker knows somebody');
  const last: Seen[] = [];
  for (let round = 0; round < 5; round += 1) {
    last.length = 0;
    const seen = await Promise.all(people.map((person) => person.ask(port, agent, 'GET', '/')));
    for (const [nth, one] of seen.entries()) {
      assert.equal(one.user, people[nth]?.name);
      assert.equal(one.worker, homes[nth]?.worker);
      last.push(one);
    }
  }
  return last;
};

const withNginx = async (before: number, use: (port: number) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'sk-nginx-'));
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  writeFileSync(
    file,
    `daemon off; pid ${directory}/pid; error_log stderr;
     events {}
     http {
       access_log off; ${temporary.join(' ')}
       upstream balancer { server 127.0.0.1:${before}; keepalive 4; }
       server {
         listen 127.0.0.1:${port};
         location / {
           proxy_pass http://balancer; proxy_http_version 1.1; proxy_set_header Connection "";
           proxy_set_header X-Forwarded-For $http_x_person_at;
         }
       }
     }`,
  );
  const nginx = spawn('/usr/sbin/nginx', ['-p', directory, '-e', 'stderr', '-c', file], { stdio: 'ignore' });
  try {
    await until('nginx listens', () =>
      get(port).then(
        () => true,
        () => false,
      ),
    );
    await use(port);
  } finally {
    nginx.kill('SIGTERM');
    if (nginx.exitCode === null) await once(nginx, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
};

test('express-session in the memory of a worker: everybody stays logged in', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await startSticky(skein, 'remembers.cjs', '--sticky', '--trust', '127.0.0.1');
    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    await stayLoggedIn(port, agent);
    await withNginx(port, async (front) => {
      const seen = await stayLoggedIn(front, agent);
      assert.deepEqual(
        seen.map(({ ip }) => ip),
        Array.from({ length: 24 }, (_, nth) => `203.0.113.${nth + 1}`),
        'the app sees who is behind the proxy',
      );
    });
    agent.destroy();
  }),
);

test('by address, behind a proxy that is trusted: its clients are told apart', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await startSticky(skein, 'remembers.cjs', '--sticky', 'address', '--trust', '127.0.0.1');
    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    await withNginx(port, async (front) => {
      await stayLoggedIn(front, agent);
    });
    agent.destroy();
  }),
);
