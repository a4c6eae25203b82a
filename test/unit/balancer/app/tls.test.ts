import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { SnapshotRefused } from '../../../../src/balancer/refused.ts';
import { certificate, startLive, tls } from '../../../support/live-balancer.ts';
import { RawClient, rawClient } from '../../../support/raw-client.ts';
import { until } from '../../../support/wait.ts';

const secure = async (port: number, options: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
};

const nameAt = async (port: number, servername?: string): Promise<string> => {
  const socket = await secure(port, servername === undefined ? {} : { servername });
  const name = socket.getPeerCertificate().subject.CN;
  socket.destroy();
  return String(name);
};

test('requests over TLS, one after the other and over several connections', async (context) => {
  const live = await startLive(
    context,
    ({ headers }, response) => response.end(`<${String(headers['x-forwarded-proto'])}>`),
    { listen: [{ address: '127.0.0.1:0', tls: tls('a') }] },
  );
  for (let at = 0; at < 3; at += 1) {
    const client = new RawClient(await secure(live.port()));
    await client.ask('/', '<https>');
    await client.ask('/', '<https>');
    client.close();
  }
});

test('the certificate is that of the name, the first for no name and for others', async (context) => {
  const live = await startLive(context, (_, response) => response.end(), {
    listen: [{ address: '127.0.0.1:0', tls: tls('a', 'b') }],
  });
  assert.equal(await nameAt(live.port()), 'a.test');
  assert.equal(await nameAt(live.port(), 'b.test'), 'b.test');
  assert.equal(await nameAt(live.port(), 'www.b.test'), 'b.test');
  assert.equal(await nameAt(live.port(), 'x.www.b.test'), 'a.test');
  assert.equal(await nameAt(live.port(), 'other.test'), 'a.test');
});

test('a session begun with one worker is resumed with another, under each certificate', async (context) => {
  const parts = { listen: [{ address: '127.0.0.1:0', tls: tls('a', 'b') }] };
  const workers = [
    await startLive(context, (_, response) => response.end('>'), parts),
    await startLive(context, (_, response) => response.end('>'), parts),
  ];
  for (const servername of ['a.test', 'b.test'])
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const [one, other] = workers.map((live) => live.port());
      const socket = await secure(one ?? 0, { servername, maxVersion });
      const tickets: Buffer[] = [];
      socket.on('session', (session: Buffer) => tickets.push(session));
      await new RawClient(socket).ask('/', '>');
      const session = await until('a ticket', () => tickets.at(-1) ?? socket.getSession());
      socket.destroy();
      const again = await secure(other ?? 0, { servername, maxVersion, session });
      assert.ok(again.isSessionReused(), `${servername} ${maxVersion}`);
      await new RawClient(again).ask('/', '>');
      again.destroy();
    }
});

test('an expired certificate is an error with its file, its date and its place', async (context) => {
  const live = await startLive(context, (_, response) => response.end('>'));
  await assert.rejects(
    live.apply({
      listen: [{ address: '127.0.0.1:0' }, { address: '127.0.0.1:0 ', tls: tls('a', 'expired') }],
    }),
    (error) => {
      assert.ok(error instanceof SnapshotRefused);
      assert.equal(error.place, 'balancer.listen[1].tls.certificates[1]');
      assert.match(error.message, /expired\.crt has expired on 2020-02-01/);
      return true;
    },
  );
  const client = await rawClient(live.port());
  await client.ask('/', '>');
  client.close();
});

test('a certificate that changes on the disk is served without a restart, and open connections stay', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'sb-'));
  const paths = { cert: join(directory, 'x.crt'), key: join(directory, 'x.key') };
  const put = (name: string): void => {
    copyFileSync(certificate(name).cert, paths.cert);
    copyFileSync(certificate(name).key, paths.key);
  };
  put('a');
  const listen = [
    { address: '127.0.0.1:0', tls: { certificates: [paths], minVersion: 'TLSv1.3' as const, http2: false } },
  ];
  const live = await startLive(context, (_, response) => response.end('>'), { listen });
  const client = new RawClient(await secure(live.port()));
  await client.ask('/', '>');
  put('b');
  // Also looked at with every snapshot.
  await live.apply({ listen });
  assert.equal(await nameAt(live.port()), 'b.test');
  await client.ask('/', '>');
  client.close();
  await assert.rejects(secure(live.port(), { maxVersion: 'TLSv1.2' }));
});

test('what is no handshake, and one that takes too long, are closed', async (context) => {
  const live = await startLive(context, (_, response) => response.end('>'), {
    listen: [{ address: '127.0.0.1:0', tls: tls('a') }],
    limits: { headerTimeoutMs: 50 },
  });
  const clear = await rawClient(live.port());
  clear.get();
  await clear.untilEnd();
  assert.doesNotMatch(clear.received, /HTTP/);
  const silent = await rawClient(live.port());
  await silent.untilEnd();
  assert.equal(silent.received, '');
});

test('the PROXY protocol comes before TLS', async (context) => {
  const live = await startLive(
    context,
    ({ headers }, response) => response.end(`<${String(headers['x-real-ip'])}>`),
    {
      listen: [{ address: '127.0.0.1:0', tls: tls('a'), proxyProtocol: true }],
      front: { trust: ['127.0.0.1'] },
    },
  );
  const plain = await rawClient(live.port());
  plain.socket.removeAllListeners('data');
  plain.socket.write('PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n');
  const client = new RawClient(await secure(0, { socket: plain.socket }));
  await client.ask('/', '<192.0.2.7>');
  client.close();
  plain.close();
});

test('bytes that are no TLS after the handshake end the connection, though the client stays', async (context) => {
  const live = await startLive(context, (_, response) => response.end('>'), {
    listen: [{ address: '127.0.0.1:0', tls: tls('a') }],
  });
  const toBalancer = createConnection({ port: live.port(), host: '127.0.0.1', allowHalfOpen: true });
  toBalancer.on('error', () => {});
  const between = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(toBalancer, { end: false });
    toBalancer.pipe(socket, { end: false });
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
  const address = between.address();
  assert.ok(address !== null && typeof address === 'object');
  const secured = await secure(address.port, { ALPNProtocols: ['h2'] });
  secured.on('error', () => {});
  toBalancer.write(Buffer.concat([Buffer.from([0x17, 3, 3, 0, 32]), Buffer.alloc(32, 'z')]));
  await until('it has closed', () => live.balancer.connections === 0);
  for (const socket of [secured, toBalancer]) socket.destroy();
  between.close();
});
