import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { SkeinError } from '../../../src/core/errors.ts';
import { createRouter } from '../../../src/control/router.ts';

const long = 'x'.repeat(1000);
const server = createRouter(
  {
    'GET /v1/ping': () => ({ json: 'pong' }),
    'GET /v1/things/:id/follow': ({ id }) => ({ json: id }),
    'POST /v1/echo': async (call) => ({ json: await call.body(), status: 202 }),
    'GET /v1/fails': () => {
      throw new SkeinError('E_BAD_REQUEST', { reason: 'so' });
    },
    'GET /v1/burst': () => ({
      follow: (send, end) => {
        for (let n = 0; n < 5000; n += 1) send(long);
        end();
        return undefined;
      },
    }),
    'GET /v1/breaks': () => ({
      follow: () => {
        throw new Error('in the middle');
      },
    }),
  },
  'log',
);
await once(server.listen(0, '127.0.0.1'), 'listening');
after(() => server.close());

const ask = async (method: string, path: string, body = ''): Promise<{ status: number; body: string }> => {
  const { port } = server.address() as AddressInfo;
  const asked = request({ port, method, path, agent: false });
  asked.end(body);
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, body: await text(response) };
};

test('paths, segments that stand for an id, and bodies', async () => {
  assert.deepEqual(await ask('GET', '/v1/ping'), { status: 200, body: '"pong"' });
  assert.equal((await ask('GET', '/v1/things/abc/follow')).body, '"abc"');
  assert.deepEqual(await ask('POST', '/v1/echo', '{"a":1}'), { status: 202, body: '{"a":1}' });
});

test('what is not there, not JSON or refused is an error of the catalogue', async () => {
  for (const [method, path, body] of [
    ['GET', '/nothing', ''],
    ['POST', '/v1/ping', ''],
    ['POST', '/v1/echo', '{'],
    ['GET', '/v1/fails', ''],
  ] as const) {
    const answer = await ask(method, path, body);
    assert.equal(answer.status, 400, path);
    assert.match(answer.body, /"code":"E_BAD_REQUEST"/);
  }
});

test('regression: much that is there already is sent whole', async () => {
  const { body } = await ask('GET', '/v1/burst');
  assert.equal(body.length, 5000 * (long.length + 3));
});

test('regression: an error after the answer has begun breaks the answer, not the server', async () => {
  await assert.rejects(ask('GET', '/v1/breaks'));
  assert.equal((await ask('GET', '/v1/ping')).status, 200);
});
