/** Requests over HTTP/2 have their lines in the log too, those that are refused as well. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { routeTo, snapshotOf, snapshotPool, startBalancerProcess } from '../../support/balancer-process.ts';
import { answering, startRawUpstream } from '../../support/raw-upstream.ts';

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const clean of cleanups) await clean();
});

const file = (name: string): string => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));

test('how requests over HTTP/2 ended is in the log', async () => {
  const upstream = await startRawUpstream(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
  const tls = {
    certificates: [{ cert: file('cert.pem'), key: file('key.pem') }],
    minVersion: 'TLSv1.2' as const,
    http2: true,
  };
  const balancer = await startBalancerProcess(
    snapshotOf({
      listen: [{ address: '127.0.0.1:0', tls, proxyProtocol: false }],
      pools: [snapshotPool('web', [upstream.address])],
      routes: [routeTo('web')],
    }),
  );
  const session = connect(`https://localhost:${balancer.port}`, { rejectUnauthorized: false });
  cleanups.push(
    () => session.destroy(),
    () => balancer.close(),
    () => upstream.close(),
  );
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
    const stream = session.request({ ':path': path, ...headers });
    const [answer] = (await once(stream, 'response')) as [Record<string, number>];
    stream.resume();
    await once(stream, 'close');
    return answer[':status']!;
  };
  assert.equal(await ask('/web/ok'), 200);
  assert.equal(await ask('/web/refused', { content_length: '5' }), 400);
  assert.equal(await ask('/nowhere'), 404);
  for (const [path, status, end] of [
    ['/web/ok', 200, '--'],
    ['/web/refused', 400, 'PR'],
    ['/nowhere', 404, 'PR'],
  ] as const) {
    const line = await balancer.lineOf(path);
    assert.deepEqual([line['status'], line['end'], line['version']], [status, end, '2']);
  }
});
