import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { connect } from 'node:net';
import { test } from 'node:test';
import { H2Stream } from '../../../../src/balancer/client/h2-stream.ts';
import type { ClientConnection, Front, RequestHead, Rules } from '../../../../src/balancer/contract.ts';
import { until } from '../../../support/wait.ts';

const http2: typeof import('node:http2') = process.getBuiltinModule('node:http2');

test('an answer that was not taken whole was not sent', async (t) => {
  const told: string[] = [];
  const front = {
    watch: () => ({ expect: () => {}, moved: () => {}, end: () => {} }),
    begin: () => ({
      onBody: () => true,
      onBodyEnd: () => {},
      onDrain: () => {},
      onGone: (why: string) => told.push(why),
      onSent: () => told.push('sent'),
    }),
  } as unknown as Front;
  const server = http2.createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    const client = new H2Stream(stream, {} as ClientConnection, front, false);
    client.begin(front, { hasBody: false } as RequestHead, {} as Rules, () => {});
    const head = { status: 200, reason: '', lines: '', bodyLength: 1_000_000, hasBody: true };
    client.respond(head, Buffer.alloc(1_000_000), true);
  });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const socket = connect(address.port, '127.0.0.1');
  t.after(() => socket.destroy());
  const session = http2.connect(`http://127.0.0.1:${address.port}`, { createConnection: () => socket });
  session.on('error', () => {});
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => {});
  await once(stream, 'response');
  socket.destroy();
  await until('it is told', () => told.length > 0);
  assert.equal(told.length, 1);
  assert.notEqual(told[0], 'sent');
});
