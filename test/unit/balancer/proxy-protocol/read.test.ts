import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readProxyHeader } from '../../../../src/balancer/proxy-protocol/read.ts';
import { proxyHeader } from '../../../../src/balancer/proxy-protocol/write.ts';

const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));
const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

const proxied = (address: string, port: number, localAddress: string, localPort: number) => ({
  address,
  port,
  localAddress,
  localPort,
});

test('version 1', () => {
  assert.deepEqual(read('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET / HTTP/1.1\r\n'), {
    is: 'whole',
    length: 45,
    proxied: proxied('192.0.2.1', 56_324, '198.51.100.2', 443),
  });
  assert.deepEqual(read('PROXY TCP6 2001:db8::1 ::1 1 2\r\n'), {
    is: 'whole',
    length: 32,
    proxied: proxied('2001:db8::1', 1, '::1', 2),
  });
  assert.deepEqual(read('PROXY UNKNOWN\r\n'), { is: 'whole', length: 15, proxied: null });
  assert.deepEqual(read('PROXY UNKNOWN ff:: what ever 1\r\nx'), { is: 'whole', length: 32, proxied: null });
});

test('version 1: what is not exactly right is refused', () => {
  for (const line of [
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n\n\r\n',
    'PROXY TCP4  192.0.2.1 198.51.100.2 56324 443\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443 \r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 056324 443\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n',
    'PROXY TCP4 192.0.02.1 198.51.100.2 1 443\r\n',
    'PROXY TCP4 ::1 ::1 1 443\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.2 1 443\r\n',
    'PROXY TCP6 fe80::1%eth0 ::1 1 443\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.2 1 443\r\n',
    'PROXY UNKNOWNS\r\n',
    'proxy TCP4 192.0.2.1 198.51.100.2 1 443\r\n',
    'PROXY\r\n',
    'GET / HTTP/1.1\r\n',
    `PROXY TCP4 ${'1'.repeat(200)}`,
  ])
    assert.equal(read(line).is, 'bad', JSON.stringify(line));
});

test('version 2', () => {
  const four = `${SIGNATURE}\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x1f\x90\0\x50`;
  assert.deepEqual(read(`${four}GET`), {
    is: 'whole',
    length: 28,
    proxied: proxied('192.0.2.1', 8080, '127.0.0.1', 80),
  });
  assert.deepEqual(read(`${SIGNATURE}\x20\x11\0\0`), { is: 'whole', length: 16, proxied: null });
  assert.deepEqual(read(`${SIGNATURE}\x21\0\0\x03abc`), { is: 'whole', length: 19, proxied: null });
  assert.deepEqual(read(`${SIGNATURE}\x21\x31\0\xd8${'\0'.repeat(216)}`), {
    is: 'whole',
    length: 232,
    proxied: null,
  });
  for (const rest of [
    '\x11\x11\0\0',
    '\x22\x11\0\0',
    '\x21\x11\0\x0b',
    '\x21\x12\0\x0c',
    '\x21\x21\0\x0c',
    '\x21\x31\0\x03',
  ])
    assert.equal(read(`${SIGNATURE}${rest}${'\0'.repeat(64)}`).is, 'bad', JSON.stringify(rest));
  assert.equal(read(`${SIGNATURE}\x21\x11\xff\xff`).is, 'bad');
});

test('any beginning of a header is waited for, and nothing else is', () => {
  const headers = [
    'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n',
    'PROXY UNKNOWN\r\n',
    `${SIGNATURE}\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x1f\x90\0\x50`,
  ];
  for (const header of headers)
    for (let length = 0; length < header.length; length += 1)
      assert.equal(read(header.slice(0, length)).is, 'unfinished');
});

test('what is written is read as it was', () => {
  const port = fc.integer({ min: 0, max: 65_535 });
  const ends = fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6()));
  const same = (one: string) => new URL(`http://${one.includes(':') ? `[${one}]` : one}`).hostname;
  fc.assert(
    fc.property(
      ends,
      port,
      port,
      fc.constantFrom('v1' as const, 'v2' as const),
      ([address, localAddress], one, other, version) => {
        const header = proxyHeader(version, { address, port: one, localAddress, localPort: other });
        const came = readProxyHeader(header);
        assert.equal(came.is, 'whole');
        if (came.is !== 'whole' || came.proxied === null) return assert.fail();
        assert.equal(came.length, header.length);
        assert.equal(same(came.proxied.address), same(address));
        assert.equal(same(came.proxied.localAddress), same(localAddress));
        assert.deepEqual([came.proxied.port, came.proxied.localPort], [one, other]);
      },
    ),
  );
});

test('bytes of any kind are answered and never thrown at', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, signed) => {
      readProxyHeader(Buffer.concat([Buffer.from(signed ? SIGNATURE : '', 'latin1'), bytes]));
    }),
  );
});

test('addresses of two families, and none', () => {
  const mixed = { address: '192.0.2.1', port: 1, localAddress: '::1', localPort: 2 };
  assert.equal(proxyHeader('v1', mixed).toString(), 'PROXY UNKNOWN\r\n');
  const two = readProxyHeader(proxyHeader('v2', mixed));
  assert.ok(two.is === 'whole' && two.proxied !== null);
  assert.equal(two.proxied.address, '::ffff:c000:201');
  const none = { address: undefined, port: undefined, localAddress: undefined, localPort: undefined };
  assert.equal(proxyHeader('v1', none).toString(), 'PROXY UNKNOWN\r\n');
  assert.deepEqual(readProxyHeader(proxyHeader('v2', none)), { is: 'whole', length: 16, proxied: null });
});
