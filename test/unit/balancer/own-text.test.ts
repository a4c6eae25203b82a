import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Learned } from '../../../src/balancer/pool/sticky/learned.ts';
import { LocalBuckets } from '../../../src/balancer/limits/local-buckets.ts';
import { ownText } from '../../../src/balancer/own-text.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('it is the same text, whatever is in it', () => {
  for (const text of ['', 'a', 'ü', '\u{1f600}', '\ud800', 'a'.repeat(5_000)])
    assert.equal(ownText(text), text);
});

/** Bytes that stay when `keep` has got 2,000 keys, each out of a head of 16 KiB. */
const kept = (keep: (key: string) => void): number => {
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < 2_000; at += 1) {
    const head = Buffer.alloc(16_384, `cookie ${at} `).toString('latin1');
    keep(head.slice(100, 160));
  }
  collect();
  return process.memoryUsage().heapUsed - before;
};

test('tables of keys do not keep the heads that the keys came from', () => {
  const buckets = new LocalBuckets({ perSecond: 1, burst: 1 });
  assert.ok(kept((key) => void buckets.take(key, 1)) < 4_000_000);
  const learned = new Learned<number>({ now: () => 0 });
  assert.ok(kept((key) => learned.learn(key, 1)) < 4_000_000);
  assert.ok(buckets.size > 1_000 && learned.size > 1_000);
});
