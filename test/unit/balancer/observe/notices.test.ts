import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticing, QueueNotices } from '../../../../src/balancer/observe/notices.ts';
import type { FromBalancer } from '../../../../src/protocol/balance.ts';

const heard = (): { texts: string[]; say: (said: FromBalancer) => void } => {
  const texts: string[] = [];
  return {
    texts,
    say: (said) => {
      if (said.say === 'noticed') texts.push(said.text);
    },
  };
};

test('what is logged of upstreams is told as well', () => {
  const { texts, say } = heard();
  const logged: unknown[] = [];
  const log = noticing((...line) => void logged.push(line), say);
  log('warn', 'upstream ejected after failures of requests', { pool: 'api', upstream: 'api/1', forMs: 1000 });
  log('info', 'something else');
  assert.deepEqual(texts, [
    'upstream api/1 ejected after failures of requests (pool api, forMs 1000)',
    'something else',
  ]);
  assert.equal(logged.length, 2);
  noticing(() => undefined, undefined)('info', 'nobody listens');
});

test('what the queue refuses is told as one, and not all the time', () => {
  const { texts, say } = heard();
  let now = 0;
  const queue = new QueueNotices(say, () => now);
  queue.look(0, 0);
  queue.look(3, 0);
  queue.look(5, 1);
  now = 10_000;
  queue.look(5, 1);
  queue.look(5, 1);
  assert.deepEqual(texts, [
    '3 requests found the queue full',
    '2 requests found the queue full, 1 requests waited in the queue in vain',
  ]);
});
