import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SkeinEvent } from '../../../src/protocol/control.ts';
import { Events } from '../../../src/supervisor/events.ts';
import { Operations } from '../../../src/supervisor/operations.ts';

test('an event is logged, kept and told to followers until they go', () => {
  const logged: SkeinEvent[] = [];
  const followed: SkeinEvent[] = [];
  const events = new Events((event) => logged.push(event));
  const unfollow = events.follow((event) => followed.push(event));
  events.emit({ kind: 'message', text: 'one' });
  unfollow();
  events.emit({ kind: 'message', text: 'two', app: 'api' });
  assert.deepEqual(
    logged.map(({ text }) => text),
    ['one', 'two'],
  );
  assert.deepEqual(followed, [logged[0]]);
  assert.deepEqual(events.since(0, 'api'), [logged[1]]);
  assert.deepEqual(events.since(Date.now() + 1000), []);
});

test('what is kept is bounded', () => {
  const events = new Events(() => {});
  for (let n = 0; n < 1200; n += 1) events.emit({ kind: 'message', text: String(n) });
  const kept = events.since(0);
  assert.equal(kept.length, 1000);
  assert.equal(kept[0]?.text, '200');
});

test('a new supervisor takes back what the log says, and nothing else', () => {
  const line = { time: '2026-01-02T03:04:05.000Z', level: 'info', message: 'worker 1 is ready' };
  const events = new Events(() => {});
  events.restore([
    JSON.stringify({ ...line, kind: 'worker-ready', app: 'api', slot: 1, pid: 7 }),
    JSON.stringify(line),
    '{"time":"20',
    'Error: something printed',
    'null',
    '"text"',
  ]);
  assert.deepEqual(events.since(0), [
    {
      at: Date.parse(line.time),
      kind: 'worker-ready',
      app: 'api',
      slot: 1,
      pid: 7,
      text: line.message,
      report: null,
    },
  ]);
});

test('operations are begun, announced, ended, and the last fifty remembered', () => {
  const events = new Events(() => {});
  const operations = new Operations([], events);
  const first = operations.begin('reload', 'api');
  assert.equal(first.state, 'running');
  operations.announce(first);
  for (let n = 0; n < 60; n += 1)
    operations.end({ ...operations.begin('scale', `a${n}`), state: 'succeeded', endedAt: 1 });
  operations.end({
    ...first,
    state: 'failed',
    error: { code: 'E_NOT_READY', message: 'not ready', fix: '' },
  });
  assert.equal(operations.ended.length, 50);
  assert.equal(operations.ended.at(-1)?.id, first.id);
  const texts = events.since(0).map(({ text }) => text);
  assert.equal(texts[0], 'reload begins');
  assert.equal(texts[1], 'scale succeeded');
  assert.equal(texts.at(-1), 'reload failed: not ready');
});
