import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideOthers, parseListenAddress } from '../../../../src/balancer/listeners/listen-address.ts';

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

test('all of IPv6 is not all of IPv4 where that is listed too', () => {
  const all6 = { host: '::', port: 443 };
  assert.deepEqual(besideOthers(all6, ['[::]:443', '0.0.0.0:80']), all6);
  assert.deepEqual(besideOthers(all6, ['0.0.0.0:443', '[::]:443']), { ...all6, ipv6Only: true });
  const one = { host: '127.0.0.1', port: 443 };
  assert.deepEqual(besideOthers(one, ['0.0.0.0:443']), one);
});
