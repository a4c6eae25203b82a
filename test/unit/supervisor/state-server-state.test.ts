import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  NextState,
  StateServerNews,
  StateServerState,
} from '../../../src/supervisor/state-server-state.ts';
import { nextState } from '../../../src/supervisor/state-server-state.ts';

const around = { now: 100_000, random: () => 0.5, newId: () => 'next' };
const after = (state: StateServerState, news: StateServerNews): NextState => nextState(state, news, around);

const waiting: StateServerState = { name: 'waiting', crashes: 0 };
const starting: StateServerState = { name: 'starting', id: 'a', crashes: 0 };
const running: StateServerState = { name: 'running', id: 'a', pid: 7, startedAt: 99_000, crashes: 0 };
const resting: StateServerState = { name: 'resting', until: 101_000, crashes: 3 };
const over: StateServerState = { name: 'over' };

const spawned: StateServerNews = { type: 'spawned', id: 'a', pid: 7, startedAt: 99_000 };
const killed: StateServerNews = { type: 'exited', exit: { code: null, signal: 'SIGKILL' }, said: null };
const idle: StateServerNews = { type: 'exited', exit: { code: 0, signal: null }, said: null };
const refused: StateServerNews = { type: 'not-spawned', reason: 'spawn EAGAIN' };

describe('the state server', () => {
  test('is started for the first client, and runs', () => {
    const { state } = after(waiting, { type: 'wanted' });
    assert.deepEqual(state, { name: 'starting', id: 'next', crashes: 0 });
    assert.deepEqual(after(starting, spawned).state, running);
    assert.equal(after(starting, spawned).tell?.kind, 'state-server-started');
  });

  test('ends by itself without a word, and is waited for again', () => {
    assert.deepEqual(after(running, idle), { state: waiting, tell: null });
  });

  test('the first crash is followed by the next one at once, and told with what it means', () => {
    const { state, tell } = after(running, killed);
    assert.deepEqual(state, { name: 'starting', id: 'next', crashes: 1 });
    assert.deepEqual(tell, {
      kind: 'state-server-crashed',
      pid: 7,
      text: 'the state server ended with signal SIGKILL, and what apps shared is gone; the next one is started',
    });
  });

  test('what it said last is the reason', () => {
    const { tell } = after(running, {
      type: 'exited',
      exit: { code: 1, signal: null },
      said: 'Error: no memory',
    });
    assert.match(tell!.text, /exit code 1 \(Error: no memory\), and/);
  });

  test('pauses grow while it crashes in a row, up to ten seconds', () => {
    const pauses: number[] = [];
    let state: StateServerState = { ...running, crashes: 1 };
    for (let n = 0; n < 9; n += 1) {
      const next = after(state, killed);
      assert.ok(next.state.name === 'resting');
      pauses.push(next.state.until - around.now);
      state = { ...running, crashes: next.state.crashes };
    }
    assert.deepEqual(pauses, [150, 300, 600, 1200, 2400, 4800, 7500, 7500, 7500]);
  });

  test('after a pause somebody must want it', () => {
    assert.deepEqual(after(resting, { type: 'wanted' }).state, resting);
    const { state } = after(resting, { type: 'due' });
    assert.deepEqual(state, { name: 'waiting', crashes: 3 });
    assert.deepEqual(after(state, { type: 'wanted' }).state, { name: 'starting', id: 'next', crashes: 3 });
  });

  test('one that lived for long crashes for the first time', () => {
    const { state } = after({ ...running, startedAt: 90_000, crashes: 5 }, killed);
    assert.deepEqual(state, { name: 'starting', id: 'next', crashes: 1 });
  });

  test('one that cannot be started is tried again, with pauses', () => {
    const first = after(starting, refused);
    assert.equal(first.state.name, 'starting');
    assert.match(first.tell!.text, /cannot be started \(spawn EAGAIN\)/);
    assert.equal(after(first.state, refused).state.name, 'resting');
  });

  test('one that a dead supervisor had asked for is taken', () => {
    assert.equal(after(waiting, spawned).state.name, 'running');
    assert.equal(after(resting, spawned).state.name, 'running');
  });

  test('one is enough, and news of nothing change nothing', () => {
    const all: readonly StateServerNews[] = [
      { type: 'wanted' },
      { type: 'due' },
      spawned,
      refused,
      killed,
      idle,
    ];
    const deaf: readonly [StateServerState, readonly number[]][] = [
      [waiting, [1, 3, 4, 5]],
      [starting, [0, 1]],
      [running, [0, 1, 2, 3]],
      [resting, [0, 3, 4, 5]],
      [over, [0, 1, 2, 3, 4, 5]],
    ];
    for (const [state, news] of deaf)
      for (const index of news) assert.deepEqual(after(state, all[index]!), { state, tell: null });
  });
});
