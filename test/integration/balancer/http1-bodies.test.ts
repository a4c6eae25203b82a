import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { defaultFront } from '../../../src/config/balance-defaults.ts';
import type { Answer } from '../../support/balanced.ts';
import { setUp } from '../../support/balanced.ts';
import { answering } from '../../support/raw-upstream.ts';
import { until } from '../../support/wait.ts';

const OK = 'HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nhi';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';

/** Answers when this text has come. */
const onceCame =
  (text: string, answer = OK): Answer =>
  ({ socket, received }) => {
    if (received.endsWith(text)) socket.write(answer);
  };

test('a body with a length goes on as it is, in whatever pieces', async () => {
  const { client, end, upstream } = await setUp([onceCame('hello')]);
  const one = await client();
  one.write(`${POST}Content-Length: 5\r\n\r\nhe`);
  await upstream.untilText('he');
  one.write('llo');
  await one.until(/hi$/);
  assert.match(upstream.received, /Content-Length: 5\r\n[^]*\r\n\r\nhello$/);
  assert.equal((await end()).bytesIn, 5);
  one.received = '';
  one.get();
});

test('a chunked body is chunked anew, without extensions, with trailers that may be there', async () => {
  const { client, upstream } = await setUp([onceCame('0\r\nX-T: 1\r\n\r\n')]);
  const one = await client();
  one.write(`${POST}Transfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3;a=b\r\nabc\r\n`);
  await upstream.untilText('abc');
  one.write('2\r\nde\r\n0\r\nX-T: 1\r\nHost: b\r\n\r\n');
  await one.until(/hi$/);
  const [head = '', body] = upstream.received.split(/(?<=\r\n\r\n)/);
  assert.equal(body, '3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n');
  assert.equal(head.match(/Transfer-Encoding: chunked\r\n/g)?.length, 1);
});

test('much goes both ways whole', async () => {
  const { client, upstream } = await setUp([
    ({ socket, received }) => {
      if (received.endsWith('!'))
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 5000001\r\n\r\n${'b'.repeat(5_000_000)}!`);
    },
  ]);
  const one = await client();
  one.write(`${POST}Content-Length: 5000001\r\n\r\n${'a'.repeat(5_000_000)}!`);
  await one.until(/!$/);
  assert.equal(upstream.received.indexOf('a!') - upstream.received.indexOf('aaaaaaaa') + 2, 5_000_001);
  assert.equal(one.received.split('\r\n\r\n')[1]?.length, 5_000_001);
});

test('a client that does not read stops the upstream, and gets all when it does', async () => {
  const chunk = `10000\r\n${'c'.repeat(65_536)}\r\n`;
  const { balancer, upstream } = await setUp([
    answering(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(800)}0\r\n\r\n`),
  ]);
  const one = connect(balancer.port, '127.0.0.1');
  one.pause();
  one.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const connection = await upstream.untilText('GET');
  await until('something is written', () => connection.socket.bytesWritten > 0);
  // What the kernel's buffers and the two ends hold, and no more.
  let before = -1;
  await until('nothing moves any more', () => {
    const now = connection.socket.writableLength;
    const same = now === before;
    before = now;
    return same;
  });
  assert.ok(before > 20_000_000, String(before));
  let count = 0;
  let tail = '';
  one.on('data', (piece: Buffer) => {
    for (const byte of piece) if (byte === 99) count += 1;
    tail = (tail + piece.toString('latin1', Math.max(0, piece.length - 7))).slice(-7);
  });
  one.resume();
  await until('all has come', () => tail.endsWith('\r\n0\r\n\r\n'));
  // Sizes of chunks may have the digit c in them too.
  assert.ok(count >= 65_536 * 800 && count < 65_536 * 800 + 10_000, String(count));
  one.destroy();
});

test('an upstream that does not read stops the client', async () => {
  const { client, upstream } = await setUp([({ socket }) => void socket.pause()]);
  const one = await client();
  one.write(`${POST}Content-Length: 50000001\r\n\r\n${'a'.repeat(50_000_000)}`);
  const connection = await upstream.untilText('POST');
  let before = -1;
  await until('nothing moves any more', () => {
    const now = one.socket.writableLength;
    const same = now === before;
    before = now;
    return same;
  });
  assert.ok(before > 20_000_000, String(before));
  connection.socket.removeAllListeners('data');
  connection.socket.on('data', (piece: string) => piece.endsWith('!') && connection.socket.write(OK));
  connection.socket.resume();
  one.write('!');
  await one.until(/hi$/);
});

test('Expect: 100-continue waits for the upstream, whose 100 is passed on', async () => {
  const { client, upstream } = await setUp([
    ({ socket, received }) => {
      if (received.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      if (received.endsWith('hello')) socket.write(OK);
    },
  ]);
  const one = await client();
  one.write(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  await one.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  assert.match(upstream.received, /\r\nExpect: 100-continue\r\n/);
  one.write('hello');
  await one.until(/hi$/);
});

test('an answer before the body has come is passed on, and both connections end', async () => {
  const { client, end, upstream } = await setUp([
    answering('HTTP/1.1 413 No\r\nDate: x\r\nContent-Length: 2\r\n\r\nno'),
  ]);
  const one = await client();
  one.write(`${POST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  await one.untilEnd();
  assert.equal(
    one.received,
    'HTTP/1.1 413 No\r\nDate: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno',
  );
  assert.equal((await end()).status, 413);
  await until('the upstream is left', () => upstream.connections[0]?.closed);
});

test('an answer can begin before the body ends, and both go on', async () => {
  const { client } = await setUp([
    ({ socket, received }, piece) => {
      if (received === piece) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
      const body = piece.split('\r\n\r\n').at(-1) ?? '';
      socket.write(body);
    },
  ]);
  const one = await client();
  one.write(`${POST}Content-Length: 10\r\n\r\nhello`);
  await one.until(/hello$/);
  one.write('world');
  await one.until(/helloworld$/);
  await one.untilEnd();
});

test('a body beyond the limit gets 413, announced or not', async () => {
  const limits = { ...defaultFront.limits, bodyBytes: 10 };
  const { client, upstream } = await setUp([() => undefined], {}, { front: { limits } });
  const one = await client();
  one.write(`${POST}Content-Length: 11\r\n\r\n`);
  await one.until(/^HTTP\/1\.1 413 /);
  assert.equal(upstream.connections.length, 0);
  const two = await client();
  two.write(`${POST}Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n`);
  await upstream.untilText('hello');
  two.write('6\r\nworld!\r\n');
  await two.until(/^HTTP\/1\.1 413 /);
  await two.untilEnd();
});

test('a broken body gets 400 and ends both', async () => {
  const { client, end, upstream } = await setUp([() => undefined]);
  const one = await client();
  one.write(`${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
  await upstream.untilText('abc');
  one.write('nonsense\r\n');
  await one.until(/^HTTP\/1\.1 400 /);
  await one.untilEnd();
  assert.deepEqual((await end()).termination, { who: 'P', phase: 'R' });
  await until('the upstream is left', () => upstream.connections[0]?.closed);
});

test('an upstream that answers, reads no further and closes has answered', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { balancer, end } = await setUp([
      ({ socket, received }) => {
        if (received.length > 200_000)
          socket.write('HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno', () =>
            socket.destroy(),
          );
      },
    ]);
    const one = connect(balancer.port, '127.0.0.1');
    let received = '';
    one.setEncoding('latin1').on('data', (piece: string) => (received += piece));
    one.on('error', () => undefined);
    one.write(`${POST}Content-Length: 20000000\r\n\r\n${'a'.repeat(20_000_000)}`);
    assert.equal((await end()).status, 413);
    await until('the answer', () => received.endsWith('no'));
    one.destroy();
  }
});

test('a body of a request sent ahead that is broken gets its 400 in turn', async () => {
  const { client } = await setUp([answering(OK)]);
  const one = await client();
  one.write(
    `GET / HTTP/1.1\r\nHost: a\r\n\r\n${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nnonsense\r\n`,
  );
  await one.until(/hiHTTP\/1\.1 400 /);
  await one.untilEnd();
});
