/** The process of a balancer, by itself: what it prints, how it ends, and that it keeps nothing of what passes. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { defaultFront, defaultPool } from '../../../src/config/balance-defaults.ts';
import type { BalancerSnapshot, ListenSettings } from '../../../src/protocol/balance.ts';
import { routeOf } from '../../support/balance-route.ts';
import { tls } from '../../support/live-balancer.ts';
import { rawClient } from '../../support/raw-client.ts';
import { until } from '../../support/wait.ts';

const ENTRY = join(import.meta.dirname, '../../../src/entry/balancer.ts');
const MIB = 1024 * 1024;

const snapshot = (to: number, listen: Partial<ListenSettings> = {}): BalancerSnapshot => ({
  revision: 1,
  front: { ...defaultFront, pseudonym: 'skein' },
  listen: [{ address: '127.0.0.1:0', tls: null, proxyProtocol: false, ...listen }],
  routes: [routeOf('/ -> web')],
  pools: [
    {
      name: 'web',
      settings: defaultPool,
      members: [
        {
          id: 'a',
          place: 'a',
          slot: null,
          address: { kind: 'tcp', host: '127.0.0.1', port: to },
          pulse: null,
          weight: 1,
          backup: false,
          state: 'up',
        },
      ],
      expected: false,
    },
  ],
  stickyKey: Buffer.alloc(32, 1).toString('base64'),
  ticketKeys: Buffer.alloc(48, 2).toString('base64'),
});

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly write: (next: BalancerSnapshot) => void;
}

const run = (context: TestContext, first: BalancerSnapshot): Running => {
  const directory = mkdtempSync(join(tmpdir(), 'sb-'));
  const file = join(directory, 'snapshot.json');
  const write = (next: BalancerSnapshot): void => writeFileSync(file, JSON.stringify(next));
  write(first);
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...process.env, SKEIN_BALANCER_SNAPSHOT: file },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  context.after(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  return { child, said: () => said, write };
};

const portOf = async ({ said }: Running): Promise<number> =>
  Number(await until('it to listen', () => /\(port (\d+)\)/.exec(said())?.[1]));

const upstream = async (context: TestContext, answer: http.RequestListener): Promise<number> => {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const residentMib = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

test('an expired certificate at the start is said with its file and date, and the process ends', async (context) => {
  const running = run(context, snapshot(1, { tls: tls('expired') }));
  const [code] = (await once(running.child, 'exit')) as [number];
  assert.equal(code, 1);
  assert.match(
    running.said(),
    /balancer\.listen\[0\]\.tls\.certificates\[0\]: the certificate in .*expired\.crt has expired on 2020-02-01/,
  );
});

test('a file that is no good leaves what runs; the end of the process is a drain', async (context) => {
  const waiting: http.ServerResponse[] = [];
  const port = await upstream(context, (request, response) => {
    if (request.url === '/wait') waiting.push(response);
    else response.end('here');
  });
  const running = run(context, snapshot(port));
  const client = await rawClient(await portOf(running));
  await client.ask('/', 'here');
  running.write({ ...snapshot(port), routes: [{ ...routeOf('x'), action: { kind: 'pool', pool: 'none' } }] });
  running.child.kill('SIGHUP');
  await until('the refusal', () => running.said().includes('leads to none, which is not there'));
  await client.ask('/', 'here');
  client.get('/wait');
  await until('the request', () => waiting.length === 1);
  running.child.kill('SIGTERM');
  const exit = once(running.child, 'exit');
  await until('the end of listening', async () => {
    const other = await rawClient(Number(/\(port (\d+)\)/.exec(running.said())?.[1])).catch(() => null);
    other?.close();
    return other === null;
  });
  waiting[0]?.end('late');
  await client.untilText('late');
  await client.untilEnd();
  assert.deepEqual(await exit, [0, null]);
});

test('64 MiB both ways, with a side that is slow, and nothing of it is kept', async (context) => {
  const size = 64 * MIB;
  const chunk = Buffer.alloc(64 * 1024);
  const port = await upstream(context, (request, response) => {
    if (request.method === 'POST') {
      let came = 0;
      request.on('data', (data: Buffer) => {
        came += data.length;
        // Slower than the client now and then.
        if (came % (4 * MIB) < data.length) {
          request.pause();
          setTimeout(() => request.resume(), 20);
        }
      });
      request.on('end', () => response.end(String(came)));
      return;
    }
    let left = size;
    const go = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) return void response.once('drain', go);
      }
      response.end();
    };
    go();
  });
  const running = run(context, snapshot(port));
  const to = { port: await portOf(running), host: '127.0.0.1' };
  const before = residentMib(running.child.pid);
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, residentMib(running.child.pid))), 20);
  context.after(() => clearInterval(look));

  const [response] = (await once(http.get(to), 'response')) as [http.IncomingMessage];
  let came = 0;
  for await (const data of response) {
    const { length } = data as Buffer;
    came += length;
    if (came % (4 * MIB) < length) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(came, size);

  const request = http.request({ ...to, method: 'POST' });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!request.write(chunk)) await once(request, 'drain');
  request.end();
  const [answer] = await answered;
  let text = '';
  for await (const data of answer) text += String(data);
  assert.equal(text, String(size));
  assert.ok(peak - before < 100, `it grew from ${before.toFixed(0)} to ${peak.toFixed(0)} MiB`);
  http.globalAgent.destroy();
});
