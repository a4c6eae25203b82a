import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { proxyHeader } from '../../../../src/balancer/proxy-protocol/write.ts';
import { startLive } from '../../../support/live-balancer.ts';
import { rawClient } from '../../../support/raw-client.ts';
import { until } from '../../../support/wait.ts';

/** Says who the client is. */
const whoAmI = ({ headers }: IncomingMessage, response: ServerResponse): void => {
  response.end(`<${String(headers['x-real-ip'])}|${String(headers['x-forwarded-port'])}>`);
};
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const ends = { address: '192.0.2.7', port: 1234, localAddress: '192.0.2.1', localPort: 443 };

test('the PROXY protocol says who the client is, in one piece or byte by byte', async (context) => {
  const live = await startLive(context, whoAmI, {
    listen: [{ address: '127.0.0.1:0', proxyProtocol: true }],
    front: { trust: ['127.0.0.1'] },
  });
  for (const version of ['v1', 'v2'] as const) {
    const header = proxyHeader(version, ends).toString('latin1');
    const client = await rawClient(live.port());
    client.write(header + GET);
    await client.untilText('<192.0.2.7|443>');
    await client.ask('/', '<192.0.2.7|443>');
    client.close();
    const slow = await rawClient(live.port());
    slow.socket.setNoDelay(true);
    for (const byte of header) {
      slow.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.write(GET);
    await slow.untilText('<192.0.2.7|443>');
    slow.close();
  }
});

test('without the header, with a wrong one, or from a stranger: closed without a word', async (context) => {
  const live = await startLive(context, whoAmI, {
    listen: [{ address: '127.0.0.1:0', proxyProtocol: true }],
    front: { trust: ['127.0.0.1'] },
    limits: { headerTimeoutMs: 50 },
  });
  for (const bytes of [GET, 'PROXY TCP4 1.2.3 4.5.6.7 1 2\r\n', 'PROXY TCP4 1.2.3.4', '']) {
    const client = await rawClient(live.port());
    client.write(bytes);
    await client.untilEnd();
    assert.equal(client.received, '');
  }
  await live.apply({ listen: [{ address: '127.0.0.1:0', proxyProtocol: true }] });
  const client = await rawClient(live.port());
  client.write(proxyHeader('v1', ends).toString() + GET);
  await client.untilEnd();
  assert.equal(client.received, '');
});

test('over the limits of connections there is an answer, and room again when others have gone', async (context) => {
  const live = await startLive(context, whoAmI, { limits: { connections: 2 } });
  const clients = [await rawClient(live.port()), await rawClient(live.port())];
  for (const client of clients) await client.ask('/', `>`);
  const refused = await rawClient(live.port());
  await refused.untilEnd();
  assert.match(refused.received, /^HTTP\/1\.1 503 [^]*Retry-After: 1\r\n[^]*Connection: close\r\n\r\n$/);
  refused.close();
  await live.apply({ limits: { connectionsPerAddress: 2 } });
  const again = await rawClient(live.port());
  await again.ask('/', '>');
  const third = await rawClient(live.port());
  await third.ask('/', '>');
  const fourth = await rawClient(live.port());
  await fourth.untilEnd();
  assert.match(fourth.received, /^HTTP\/1\.1 503 /);
  for (const client of [...clients, again, third, fourth]) client.close();
});

test('a head that takes too long is answered with 408, and a connection without a request is closed', async (context) => {
  const live = await startLive(context, whoAmI, {
    limits: { headerTimeoutMs: 100, keepAliveTimeoutMs: 100 },
  });
  const slow = await rawClient(live.port());
  slow.write('GET / HTTP/1.1\r\nHost: a\r\nX-');
  const idle = await rawClient(live.port());
  await idle.ask('/', '>');
  const silent = await rawClient(live.port());
  await slow.untilEnd();
  assert.match(slow.received, /^HTTP\/1\.1 408 /);
  await idle.untilEnd();
  await silent.untilEnd();
  assert.equal(silent.received, '');
});

test('a body that takes too long is answered with 408, one that is too large with 413', async (context) => {
  const live = await startLive(
    context,
    (request, response) => {
      request.resume();
      request.on('end', () => response.end('>'));
      request.on('error', () => {});
    },
    { limits: { bodyTimeoutMs: 100, bodyBytes: 10 } },
  );
  const slow = await rawClient(live.port());
  slow.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  await slow.untilEnd();
  assert.match(slow.received, /^HTTP\/1\.1 408 /);
  const large = await rawClient(live.port());
  large.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n');
  await large.untilText('HTTP/1.1 413 ');
  const chunked = await rawClient(live.port());
  chunked.write(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n',
  );
  await chunked.untilText('HTTP/1.1 413 ');
  for (const client of [slow, large, chunked]) client.close();
});

test('too many requests are answered with 429 and when to come again', async (context) => {
  const live = await startLive(context, whoAmI, {
    limits: { rate: { key: { from: 'header', name: 'x-key' }, perSecond: 0.1, burst: 2 } },
  });
  const ask = (key: string) =>
    fetch(`http://127.0.0.1:${live.port()}/`, { headers: { 'x-key': key, connection: 'close' } });
  assert.deepEqual([(await ask('a')).status, (await ask('a')).status], [200, 200]);
  const refused = await ask('a');
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('retry-after'), '10');
  assert.equal((await ask('b')).status, 200);
});

test('after so many requests a connection is closed with the last answer', async (context) => {
  const live = await startLive(context, whoAmI, { limits: { keepAliveRequests: 2 } });
  const client = await rawClient(live.port());
  assert.doesNotMatch(await client.ask('/', '>'), /connection: close/);
  assert.match(await client.ask('/', '>'), /connection: close/);
  await client.untilEnd();
});

test('a drain: what is new is refused, what is open is answered for the last time, nothing idle is cut', async (context) => {
  const live = await startLive(context, whoAmI);
  const idle = await rawClient(live.port());
  await idle.ask('/', '>');
  const untouched = await rawClient(live.port());
  const port = live.port();
  // Accepted, though nothing was sent over it.
  const left = await rawClient(port);
  await left.ask('/', '>');
  live.balancer.drain();
  await assert.rejects(rawClient(port));
  // Snapshots come in a drain as ever.
  await live.apply({ listen: [{ address: `127.0.0.1:${port}` }, { address: '[::1]:0' }] });
  assert.equal(live.balancer.ports.size, 0);
  await assert.rejects(rawClient(port));
  assert.match(await idle.ask('/', '>'), /connection: close/);
  await idle.untilEnd();
  assert.match(await untouched.ask('/', '>'), /connection: close/);
  await untouched.untilEnd();
  for (const client of [idle, untouched, left]) client.close();
});

test('an end for good: what is idle is closed at once, what is open after its answer', async (context) => {
  const waiting: ServerResponse[] = [];
  const live = await startLive(context, (request, response) => {
    if (request.url === '/wait') waiting.push(response);
    else response.end('>');
  });
  const idle = await rawClient(live.port());
  await idle.ask('/', '>');
  const busy = await rawClient(live.port());
  busy.get('/wait');
  await until('the request', () => waiting.length === 1);
  live.balancer.endIdle();
  await idle.untilEnd();
  assert.equal(busy.ended, false);
  waiting[0]?.end('late');
  await busy.untilText('late');
  await busy.untilEnd();
});
