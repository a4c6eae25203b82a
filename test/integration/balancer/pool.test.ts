/** A balancer process and workers that come, go, die and stand still while requests are made. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { defaultAppPool, defaultFront } from '../../../src/config/balance-defaults.ts';
import type { BalancerSnapshot, MemberSnapshot, PoolSettings } from '../../../src/protocol/balance.ts';
import { routeOf } from '../../support/balance-route.ts';
import { startLoad } from '../../support/load/load.ts';
import { lost } from '../../support/load/profile.ts';
import { freePort } from '../../support/ports.ts';
import { until } from '../../support/wait.ts';

const ENTRY = join(import.meta.dirname, '../../../src/entry/balancer.ts');
const WORKER = join(import.meta.dirname, '../../fixtures/apps/behind.js');
const folder = mkdtempSync(join(tmpdir(), 'sk-pool-'));
const children = new Set<ChildProcess>();
const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all([...children].map(ended));
  rmSync(folder, { recursive: true });
});

interface Worker {
  readonly child: ChildProcess;
  readonly member: MemberSnapshot;
}

let started = 0;

const startWorker = async (slot: number): Promise<Worker> => {
  const id = `web/${slot}/${(started += 1)}`;
  const path = join(folder, String(started));
  const env = { ...process.env, ID: id, REQUESTS: path, PULSE: `${path}p` };
  const child = fork(WORKER, { env });
  children.add(child);
  await once(child, 'message');
  const member: MemberSnapshot = {
    ...{ id, place: `web/${slot}`, slot, pulse: `${path}p` },
    ...{ weight: 1, backup: false, state: 'up', address: { kind: 'unix', path } },
  };
  return { child, member };
};

const kill = async ({ child }: Worker, signal: NodeJS.Signals): Promise<void> => {
  child.kill(signal);
  await ended(child);
};

interface Balancer {
  readonly port: number;
  /** Resolves when the balancer goes by these. */
  go(members: readonly MemberSnapshot[]): Promise<void>;
  end(): Promise<void>;
}

const startBalancer = async (
  members: readonly MemberSnapshot[],
  settings: Partial<PoolSettings> = {},
): Promise<Balancer> => {
  const port = await freePort();
  const file = join(folder, `snapshot-${port}.json`);
  let revision = 0;
  const write = (now: readonly MemberSnapshot[]): void => {
    const snapshot: BalancerSnapshot = {
      revision: (revision += 1),
      front: { ...defaultFront, pseudonym: 'skein' },
      listen: [{ address: `127.0.0.1:${port}`, tls: null, proxyProtocol: false }],
      routes: [routeOf('/ -> web')],
      pools: [{ name: 'web', settings: { ...defaultAppPool, ...settings }, members: now, expected: true }],
      stickyKey: Buffer.alloc(32, 1).toString('base64'),
      ticketKeys: Buffer.alloc(48, 2).toString('base64'),
    };
    writeFileSync(file, JSON.stringify(snapshot));
  };
  write(members);
  const child = spawn(process.execPath, [ENTRY], {
    env: { ...process.env, SKEIN_BALANCER_SNAPSHOT: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const applied = (): number => said.split('listens on').length - 1;
  await until('the balancer to listen', () => applied() === 1);
  return {
    port,
    go: async (now) => {
      const before = applied();
      write(now);
      child.kill('SIGHUP');
      await until('the balancer to go by it', () => applied() > before);
    },
    end: async () => {
      child.kill('SIGTERM');
      await ended(child);
    },
  };
};

const memberOf = ({ member }: Worker): MemberSnapshot => member;

test('workers are killed, added, drained and replaced under load: no GET is lost', async () => {
  const workers = await Promise.all([0, 1, 2].map(startWorker));
  const balancer = await startBalancer(workers.map(memberOf));
  const load = await startLoad({
    port: balancer.port,
    rate: 300,
    mix: { 'keep-alive': 6, 'one-shot': 3, pipelined: 1 },
    postShare: 0,
  });
  await load.answered(150);

  const [killed, drained, stays] = workers as [Worker, Worker, Worker];
  await kill(killed, 'SIGKILL');
  await load.answered(100);
  await balancer.go([drained.member, stays.member]);
  const added = await startWorker(0);
  await balancer.go([added.member, drained.member, stays.member]);
  await load.answered(100);

  await balancer.go([added.member, { ...drained.member, state: 'draining' }, stays.member]);
  await kill(drained, 'SIGTERM');
  await balancer.go([added.member, stays.member]);
  await load.answered(100);

  // One after the other, before the balancer is told of any: the last request waits for who comes next.
  await kill(added, 'SIGKILL');
  await load.answered(50);
  await kill(stays, 'SIGKILL');
  await balancer.go([]);
  const next = await Promise.all([0, 1].map(startWorker));
  await balancer.go(next.map(memberOf));
  await load.answered(150);

  const tally = await load.stop();
  assert.equal(lost(tally), 0, JSON.stringify(tally.losses.slice(0, 5), null, 1));
  for (const { member } of [...workers, added, ...next])
    assert.ok((tally.workers[member.id] ?? 0) > 0, `${member.id} served nobody`);
  await balancer.end();
});

test('a worker that stands still gets next to nothing meanwhile', async () => {
  const workers = await Promise.all([0, 1, 2, 3].map(startWorker));
  const settings = { policy: { name: 'round-robin' } } as const;
  const balancer = await startBalancer(workers.map(memberOf), settings);
  const ask = async (): Promise<{ worker: string | null; ms: number }> => {
    const at = performance.now();
    const response = await fetch(`http://127.0.0.1:${balancer.port}/`);
    await response.text();
    return { worker: response.headers.get('x-worker'), ms: performance.now() - at };
  };
  await Promise.all(Array.from({ length: 20 }, ask));
  const [blocked] = workers as [Worker];
  blocked.child.send(1_000);
  const answers: Promise<{ worker: string | null; ms: number }>[] = [];
  const begun = performance.now();
  while (performance.now() - begun < 900) {
    answers.push(ask());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const slow = (await Promise.all(answers)).filter(({ worker }) => worker === blocked.member.id);
  const share = slow.length / answers.length;
  assert.ok(share < 0.1, `${slow.length} of ${answers.length} went to who stood still`);
  await until('it to serve again', async () => (await ask()).worker === blocked.member.id);
});
