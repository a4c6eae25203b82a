import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ListenerKeys } from '../../../src/worker/listener-keys.ts';

const query = { address: null, port: 0, addressType: 4, fd: null };

describe('listener keys', () => {
  it('are equal in each worker that listens in the same order', () => {
    const [one, two] = [new ListenerKeys(), new ListenerKeys()];
    const texts = (keys: ListenerKeys): string[] =>
      [keys.take(query), keys.take(query), keys.take({ ...query, port: 1 })].map(({ text }) => text);
    const [first, second, third] = texts(one);
    assert.deepEqual([first, second, third], texts(two));
    assert.equal(new Set([first, second, third]).size, 3);
  });

  it('begin anew when all of an address are released', () => {
    const keys = new ListenerKeys();
    const [first, second] = [keys.take(query), keys.take(query)];
    first.release();
    assert.notEqual(keys.take(query).text, first.text);
    const third = keys.take(query);
    third.release();
    second.release();
    second.release();
  });

  it('a released single key is given again', () => {
    const keys = new ListenerKeys();
    const first = keys.take(query);
    first.release();
    const again = keys.take(query);
    assert.equal(again.text, first.text);
    // Releasing the old one once more does not free the new one.
    first.release();
    assert.notEqual(keys.take(query).text, again.text);
  });

  it('tell addresses apart', () => {
    const keys = new ListenerKeys();
    const texts = [
      query,
      { ...query, address: '127.0.0.1' },
      { ...query, addressType: 'udp4' },
      { ...query, address: '/a', port: -1, addressType: -1 },
      { address: null, port: null, addressType: null, fd: 3 },
    ].map((one) => keys.take(one).text);
    assert.equal(new Set(texts).size, texts.length);
  });
});
