/** How servers, addresses, stacks and close times are told. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { createServer } from 'node:http';
import { createServer as createHttp2, createSecureServer } from 'node:http2';
import { createServer as createHttps } from 'node:https';
import { createServer as createNet } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { describe, it } from 'node:test';
import { raiseKeepAlive } from '../../../src/worker/keep-alive.ts';
import { stackText } from '../../../src/worker/main-thread-stack.ts';
import { kindOfServer } from '../../../src/worker/server-kind.ts';
import { addressText, bindError, listenError } from '../../../src/worker/socket-address.ts';
import { closeTimes } from '../../../src/worker/upgrades.ts';

describe('kindOfServer', () => {
  for (const [kind, server] of [
    ['http', createServer()],
    ['https', createHttps({})],
    ['http2', createHttp2()],
    ['http2', createSecureServer({ allowHTTP1: true })],
    ['tls', createTls({})],
    ['net', createNet()],
  ] as const) {
    it(`${kind} of a ${server.constructor.name}`, () => assert.equal(kindOfServer(server), kind));
  }
});

describe('addresses', () => {
  it('as people write them', () => {
    assert.equal(addressText({ address: '127.0.0.1', port: 80 }), '127.0.0.1:80');
    assert.equal(addressText({ address: '::', port: 80 }), '[::]:80');
  });

  it('errors are those of plain Node', () => {
    const inUse = -constants.errno.EADDRINUSE;
    const error = listenError(inUse, null, 3000);
    assert.equal(error.message, 'listen EADDRINUSE: address already in use :::3000');
    assert.deepEqual(
      { ...error },
      { code: 'EADDRINUSE', errno: inUse, syscall: 'listen', address: '::', port: 3000 },
    );
    assert.equal(
      listenError(inUse, '/a.sock', -1).message,
      'listen EADDRINUSE: address already in use /a.sock',
    );
    assert.equal(bindError(inUse, '127.0.0.1', 53).message, 'bind EADDRINUSE 127.0.0.1:53');
  });
});

describe('raiseKeepAlive', () => {
  it('raises Node’s default and nothing else', () => {
    const servers = [createServer(), createServer({ keepAliveTimeout: 1_000 }), createHttps({}), createNet()];
    for (const server of servers) raiseKeepAlive(server);
    assert.deepEqual(
      servers.map((server) => Reflect.get(server, 'keepAliveTimeout')),
      [75_000, 1_000, 75_000, undefined],
    );
  });
});

describe('closeTimes', () => {
  it('leaves a pause between two, as long as there is room', () => {
    assert.deepEqual(closeTimes(0, 1_000), []);
    assert.deepEqual(closeTimes(3, 30_000), [0, 20, 40]);
    assert.equal(closeTimes(10_000, 30_000).at(-1), 23_998);
    assert.deepEqual(closeTimes(2, 0), [0, 0]);
  });
});

describe('stackText', () => {
  it('counts lines and columns from 1 and names files by path', () => {
    const location = { scriptId: '1', lineNumber: 4, columnNumber: 2 };
    assert.equal(
      stackText(
        [
          { functionName: 'spin', url: 'file:///app/a.js', location },
          { functionName: '', url: '/app/b.cjs', location: { scriptId: '2', lineNumber: 0 } },
          { functionName: 'late', url: '', location },
        ],
        new Map([['1', 'file:///app/c.js']]),
      ),
      'at spin (/app/a.js:5:3)\nat /app/b.cjs:1:1\nat late (/app/c.js:5:3)',
    );
  });
});
