/** HAProxy's PROXY protocol, versions 1 and 2, before requests: who really speaks. */
import type { Case, Step } from '../support/case.ts';
import { get } from '../support/case.ts';

const WHY = 'proxy-protocol.txt 2';

const told = (name: string, greeting: string, has: readonly string[], ...more: readonly Step[]): Case => ({
  name: `PROXY: ${name}`,
  why: WHY,
  setup: 'proxied',
  client: [...(more.length === 0 ? [greeting + get()] : [greeting, ...more])],
  expect: { upstream: [{ has }], client: [{ status: 200, body: 'ok' }], end: 'kept' },
});

const from = (address: string): readonly string[] => [`X-Forwarded-For: ${address}`, `X-Real-IP: ${address}`];
const SOCKET = from('127.0.0.1');

/** Nothing that is said behind it is worth an answer. */
const dropped = (name: string, greeting: string): Case => ({
  name: `PROXY: ${name}`,
  why: `${WHY}: anything else is dropped`,
  setup: 'proxied',
  client: [greeting + get()],
  expect: { upstream: 'nothing', client: [], end: 'cut' },
});

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const bytes = (...codes: readonly number[]): string => String.fromCodePoint(...codes);
/** `command`: 0x21 PROXY, 0x20 LOCAL. `family`: 0x11 TCP over IPv4. */
const v2 = (command: number, family: number, data: string, length = data.length): string =>
  SIGNATURE + bytes(command, family, length >> 8, length & 255) + data;

const IPV4 = bytes(192, 0, 2, 1, 192, 0, 2, 2, 0x1f, 0x90, 0, 80);
const IPV6 =
  bytes(0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1) +
  bytes(0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 2) +
  bytes(0x1f, 0x90, 0, 80);

export const proxyProtocol: readonly Case[] = [
  told('v1 with IPv4', 'PROXY TCP4 192.0.2.1 192.0.2.2 8080 80\r\n', from('192.0.2.1')),
  told('v1 with IPv6', 'PROXY TCP6 2001:db8::1 2001:db8::2 8080 80\r\n', from('2001:db8::1')),
  told('v1 UNKNOWN', 'PROXY UNKNOWN\r\n', SOCKET),
  told('v1 UNKNOWN with more', 'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n', SOCKET),
  told('v1 in two pieces', 'PROXY TCP4 192.0.2.1 192.0.', from('192.0.2.1'), `2.2 8080 80\r\n${get()}`),
  told('v2 with IPv4', v2(0x21, 0x11, IPV4), from('192.0.2.1')),
  told('v2 with IPv6', v2(0x21, 0x21, IPV6), from('2001:db8::1')),
  told('v2 with extensions', v2(0x21, 0x11, `${IPV4}\u0004\0\u0003abc`), from('192.0.2.1')),
  told('v2 LOCAL', v2(0x20, 0, ''), SOCKET),
  told('v2 of an unknown family', v2(0x21, 0, 'abcd'), SOCKET),
  told(
    'v2 in two pieces',
    v2(0x21, 0x11, IPV4).slice(0, 14),
    from('192.0.2.1'),
    v2(0x21, 0x11, IPV4).slice(14) + get(),
  ),
  dropped('none', ''),
  dropped('v1 without CR', 'PROXY TCP4 192.0.2.1 192.0.2.2 8080 80\n'),
  dropped('v1 in lower case', 'proxy TCP4 192.0.2.1 192.0.2.2 8080 80\r\n'),
  dropped('v1 with two spaces', 'PROXY  TCP4 192.0.2.1 192.0.2.2 8080 80\r\n'),
  dropped('v1 with a bad address', 'PROXY TCP4 192.0.2.256 192.0.2.2 8080 80\r\n'),
  dropped('v1 with zeros before a number', 'PROXY TCP4 192.0.2.01 192.0.2.2 8080 80\r\n'),
  dropped('v1 with IPv6 as TCP4', 'PROXY TCP4 ::1 ::2 8080 80\r\n'),
  dropped('v1 with a port too large', 'PROXY TCP4 192.0.2.1 192.0.2.2 65536 80\r\n'),
  dropped('v1 without ports', 'PROXY TCP4 192.0.2.1 192.0.2.2\r\n'),
  dropped('v1 with one field more', 'PROXY TCP4 192.0.2.1 192.0.2.2 8080 80 1\r\n'),
  dropped('v1 of UDP', 'PROXY UDP4 192.0.2.1 192.0.2.2 8080 80\r\n'),
  dropped('v1 of more than 107 bytes', `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`),
  dropped('v2 of version 3', v2(0x31, 0x11, IPV4)),
  dropped('v2 with an unknown command', v2(0x22, 0x11, IPV4)),
  dropped('v2 that is too short for its family', v2(0x21, 0x11, IPV4.slice(0, 8))),
  dropped('v2 with a broken signature', v2(0x21, 0x11, IPV4).replace('QUIT', 'QUIZ')),
  dropped('v2 that claims 65535 bytes', v2(0x21, 0x11, IPV4, 65_535)),
  {
    name: 'PROXY: a second one is no request',
    why: WHY,
    setup: 'proxied',
    client: [`PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n${get()}`],
    expect: { upstream: 'nothing', client: [{ status: 400 }], end: 'closed' },
  },
];
