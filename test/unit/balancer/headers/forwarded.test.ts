import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { entryAddress, toAddress } from '../../../../src/balancer/headers/address.ts';
import { clientAddress, isTrusted } from '../../../../src/balancer/headers/client-address.ts';
import type { Arrival } from '../../../../src/balancer/headers/forwarded.ts';
import { forwardedElement, withForwarded } from '../../../../src/balancer/headers/forwarded.ts';
import { endToEndRequest } from '../../../../src/balancer/headers/hop-by-hop.ts';
import { isLoop, withVia } from '../../../../src/balancer/headers/via.ts';

const raw = (text: string): string[] =>
  text === '' ? [] : text.split(' | ').flatMap((line) => line.split(': '));
const text = (headers: readonly string[]): string =>
  headers.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${headers[at + 1]}`] : [])).join(' | ');

const arrival: Arrival = {
  peer: '203.0.113.9',
  trusted: false,
  client: '203.0.113.9',
  tls: false,
  host: 'example.com',
  port: 80,
};
const own =
  'X-Forwarded-For: 203.0.113.9 | X-Forwarded-Proto: http | X-Forwarded-Host: example.com | X-Forwarded-Port: 80 | X-Real-IP: 203.0.113.9';

const lies: readonly string[] = [
  '',
  'X-Forwarded-For: 1.1.1.1',
  'x-forwarded-for: 1.1.1.1 | X-FORWARDED-PROTO: https',
  'X_Forwarded_For: 1.1.1.1 | X-Forwarded_Host: evil | x_real_ip: 1.1.1.1',
  'Forwarded: for=1.1.1.1 | X-Real-Ip: 1.1.1.1',
  'X-Forwarded-Prefix: /admin | X_FORWARDED_ANYTHING: x | X-Forwarded-Client-Cert: y',
];
for (const lie of lies)
  test(`nothing of what a stranger claims survives: ${lie}`, () => {
    assert.equal(text(withForwarded(raw(lie), arrival)), own);
  });

test('names that only look like it stay', () => {
  const headers = 'X-Forwarded: 1 | X-Real-IPs: 2 | my_header: 3 | Forwarded-For: 4';
  assert.equal(text(withForwarded(raw(headers), arrival)), `${headers} | ${own}`);
});

test('Connection cannot delete what is set here', () => {
  const headers = raw('Connection: X-Forwarded-For, X-Real-IP, X-Forwarded-Proto | A: 1');
  assert.equal(text(withForwarded(endToEndRequest(headers, false), arrival)), `A: 1 | ${own}`);
});

test('a trusted proxy is added to: its lines become one, what it says stays', () => {
  const headers = raw(
    'X-Forwarded-For: 1.1.1.1 | A: 1 | x-forwarded-for: 10.0.0.2, 10.0.0.3 | X-Forwarded-Proto: https | X-Real-IP: 9.9.9.9 | X-Forwarded-Prefix: /x | X_Forwarded_For: 6.6.6.6',
  );
  assert.equal(
    text(withForwarded(headers, { ...arrival, trusted: true, peer: '10.0.0.4', client: '1.1.1.1' })),
    'A: 1 | X-Forwarded-Proto: https | X-Forwarded-Prefix: /x | X-Forwarded-For: 1.1.1.1, 10.0.0.2, 10.0.0.3, 10.0.0.4 | ' +
      'X-Forwarded-Host: example.com | X-Forwarded-Port: 80 | X-Real-IP: 1.1.1.1',
  );
});

test('a unix socket has no address, and HTTP/1.0 may have no host', () => {
  const nobody = {
    ...arrival,
    peer: undefined,
    client: undefined,
    host: undefined,
    port: undefined,
    tls: true,
  };
  assert.equal(text(withForwarded(raw('X-Forwarded-For: 1.1.1.1'), nobody)), 'X-Forwarded-Proto: https');
});

test('Forwarded, when asked for', () => {
  const element = 'for=203.0.113.9;host=example.com;proto=http';
  assert.equal(text(withForwarded(raw('Forwarded: for=x'), arrival, true)), `${own} | Forwarded: ${element}`);
  const trusted = withForwarded(
    raw('Forwarded: for=a | forwarded: for=b'),
    { ...arrival, trusted: true },
    true,
  );
  assert.equal(trusted.at(-1), `for=a, for=b, ${element}`);
  assert.ok(!text(withForwarded(raw('Forwarded: for=a'), { ...arrival, trusted: true })).includes('for=a'));
});

const elements: readonly (readonly [Partial<Arrival>, string])[] = [
  [{ peer: '2001:db8::1' }, 'for="[2001:db8::1]";host=example.com;proto=http'],
  [{ peer: undefined, host: undefined, tls: true }, 'for=unknown;proto=https'],
  [{ host: 'a:8080' }, 'for=203.0.113.9;host="a:8080";proto=http'],
  [{ host: 'a";for=b\\' }, String.raw`for=203.0.113.9;host="a\";for=b\\";proto=http`],
];
for (const [more, element] of elements)
  test(element, () => assert.equal(forwardedElement({ ...arrival, ...more }), element));

const trusted = new BlockList();
trusted.addSubnet('10.0.0.0', 8);
trusted.addSubnet('fd00::', 8, 'ipv6');
const walks: readonly (readonly [
  name: string,
  peer: string | undefined,
  chain: string,
  client: string | undefined,
])[] = [
  ['a stranger is the client, whatever it claims', '1.1.1.1', '2.2.2.2', '1.1.1.1'],
  ['behind one proxy', '10.0.0.1', '2.2.2.2', '2.2.2.2'],
  ['behind two', '10.0.0.1', '2.2.2.2, 10.0.0.2', '2.2.2.2'],
  [
    'what a client wrote itself is not believed',
    '10.0.0.1',
    '10.0.0.9, 3.3.3.3, 2.2.2.2, 10.0.0.2',
    '2.2.2.2',
  ],
  ['all are proxies: the first of them', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['no entries', '10.0.0.1', '', '10.0.0.1'],
  ['an entry that is no address', '10.0.0.1', '2.2.2.2, unknown, 10.0.0.2', '10.0.0.2'],
  ['with a port', '10.0.0.1', '2.2.2.2:4711', '2.2.2.2'],
  ['IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
  ['IPv6 with brackets and port, by a proxy of IPv6', 'fd00::1', '[2001:db8::1]:80, fd00::2', '2001:db8::1'],
  ['IPv4 in IPv6 clothes', '10.0.0.1', '2.2.2.2, ::ffff:10.0.0.2', '2.2.2.2'],
  ['a unix socket', undefined, '2.2.2.2', undefined],
];
for (const [name, peer, chain, client] of walks)
  test(name, () => {
    const entries = chain === '' ? [] : chain.split(', ');
    assert.equal(clientAddress(peer, entries, trusted), client);
  });

const addresses: readonly (readonly [text: string, address: string | undefined])[] = [
  ['1.2.3.4', '1.2.3.4'],
  ['1.2.3.4:80', '1.2.3.4'],
  ['1.2.3.4:', undefined],
  ['1.2.3.4%eth0', undefined],
  ['fe80::1%eth0', 'fe80::1'],
  ['[::1]', '::1'],
  ['[::1]:80', '::1'],
  ['[::1', undefined],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['01.2.3.4', undefined],
  ['', undefined],
  ['_hidden', undefined],
  ['unknown', undefined],
];
for (const [entry, address] of addresses)
  test(`the address in \`${entry}\``, () => assert.equal(entryAddress(entry), address));

test('a peer as sockets of both families name it', () => {
  assert.equal(toAddress('::ffff:127.0.0.1'), '127.0.0.1');
  assert.equal(toAddress('1.2.3.4:80'), undefined);
});

test('no chain makes an untrusted hop’s claim the client', () => {
  const entry = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('10.1.2.3', 'fd00::7', 'unknown'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(entry), fc.ipV4(), (chain, liar) => {
      // Whoever is not trusted ends the walk, however much stands left of it.
      if (isTrusted(liar, trusted)) return;
      assert.equal(clientAddress('10.0.0.1', [...chain, liar, '10.0.0.2'], trusted), toAddress(liar));
    }),
  );
});

const loops: readonly (readonly [via: string, loop: boolean])[] = [
  ['', false],
  ['Via: 1.1 lb-1', true],
  ['Via: 1.0 other, HTTP/1.1 lb-1 (Skein)', true],
  ['via: 1.1 other | VIA: 1.1\tlb-1', true],
  ['Via: 1.1 lb-10', false],
  ['Via: 1.1 other (by 1.1 lb-1, 1.1 lb-1)', false],
  [String.raw`Via: 1.1 other (a \) , 1.1 lb-1)`, false],
  ['Via: 1.1 other (a (b) c), 1.1 lb-1', true],
  ['Via: lb-1', false],
];
for (const [via, loop] of loops)
  test(`${loop ? 'a' : 'no'} loop: ${via}`, () => assert.equal(isLoop(raw(via), 'lb-1'), loop));

test('Via is added as a line of its own', () => {
  assert.equal(text(withVia(raw('Via: 1.1 a'), '1.0', 'lb-1')), 'Via: 1.1 a | Via: 1.0 lb-1');
  assert.ok(isLoop(withVia([], '1.1', 'lb-1'), 'lb-1'));
});
