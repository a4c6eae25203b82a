import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRounds } from '../lib/rounds.ts';
import type { Peer, Running } from '../peers/peer.ts';

const launch = { app: 'hello.cjs', workers: 2 };

const fakePeer = (name: string, log: string[], start?: () => never): Peer => ({
  name,
  start: async () => {
    start?.();
    log.push(`start ${name}`);
    return { stop: async () => void log.push(`stop ${name}`) } as unknown as Running;
  },
});

test('peers take turns, each stopped before the next starts, and another is first each round', async () => {
  const log: string[] = [];
  const peers = ['a', 'b'].map((name) => fakePeer(name, log));
  await runRounds({ peers, rounds: 2, launch, progress: () => undefined, measure: async () => 1 });
  const round = (...names: string[]): string[] => names.flatMap((name) => [`start ${name}`, `stop ${name}`]);
  assert.deepEqual(log, [...round('a', 'b'), ...round('b', 'a')]);
});

test('a peer that fails is recorded and the others are measured', async () => {
  const log: string[] = [];
  const broken = fakePeer('broken', log, () => {
    throw new Error('no such peer');
  });
  const working = fakePeer('working', log);
  const rounds = await runRounds({
    peers: [broken, working],
    rounds: 1,
    launch,
    progress: () => undefined,
    measure: async () => 7,
  });
  assert.deepEqual(rounds.of(broken), [null]);
  assert.deepEqual(rounds.of(working), [7]);
  assert.deepEqual(rounds.failures, [{ what: 'broken, round 1', reason: 'no such peer' }]);
});

test('a peer is stopped when measuring it fails', async () => {
  const log: string[] = [];
  const measure = async (): Promise<never> => {
    throw new Error('no wrk');
  };
  await runRounds({ peers: [fakePeer('a', log)], rounds: 1, launch, progress: () => undefined, measure });
  assert.deepEqual(log, ['start a', 'stop a']);
});
