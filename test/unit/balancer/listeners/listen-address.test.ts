import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenAddress } from '../../../../src/balancer/listeners/listen-address.ts';

test('addresses to listen on', () => {
  assert.deepEqual(parseListenAddress('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(parseListenAddress('[::]:443'), { host: '::', port: 443 });
  assert.deepEqual(parseListenAddress('localhost:0'), { host: 'localhost', port: 0 });
  assert.deepEqual(parseListenAddress('unix:/run/a.sock'), { path: '/run/a.sock' });
});

test('what is none', () => {
  for (const text of [
    '',
    '8080',
    ':8080',
    '::1:80',
    '[::1]',
    '127.0.0.1:65536',
    '127.0.0.1:x',
    'unix:a',
    'unix:/',
    'a/b:1',
  ])
    assert.equal(parseListenAddress(text), undefined, text);
});
