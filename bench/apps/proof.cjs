'use strict';
// What the load proofs of the balancer ask for. Unmodified by Skein: a plain http server and `ws`.
const { appendFileSync, existsSync } = require('node:fs');
const { createServer } = require('node:http');
const { WebSocketServer } = require('../../node_modules/ws');

const piece = Buffer.alloc(65_536, 'skein');
const { POSTS, BLOCK_WHEN } = process.env;

const sendMuch = (response, bytes) => {
  let left = bytes;
  response.writeHead(200, { 'content-length': bytes });
  const go = () => {
    while (left > 0) {
      const chunk = left < piece.length ? piece.subarray(0, left) : piece;
      left -= chunk.length;
      if (!response.write(chunk) && left > 0) return response.once('drain', go);
    }
    response.end();
  };
  go();
};

const countBody = (request, done) => {
  let bytes = 0;
  request.on('data', (chunk) => (bytes += chunk.length)).on('end', () => done(bytes));
};

// The event loop stands still, without using a core.
const block = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://app');
  const number = (name) => Number(searchParams.get(name));
  switch (pathname) {
    case '/down':
      return sendMuch(response, number('bytes'));
    case '/up':
      return countBody(request, (bytes) => response.end(String(bytes)));
    case '/once':
      // Each id is written down as soon as it arrives: one that is there twice was sent twice.
      if (POSTS !== undefined) appendFileSync(POSTS, `${searchParams.get('id')}\n`);
      return setTimeout(() => response.end('ok'), 2);
    case '/slow':
      return setTimeout(() => response.end('ok'), number('ms'));
    case '/block':
      block(number('ms'));
      return response.end('ok');
    default:
      response.writeHead(200, { 'content-type': 'text/plain', 'x-worker': process.pid, 'content-length': 6 });
      return response.end('hello\n');
  }
});

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', (data) => socket.send(data)).on('error', () => undefined);
});

// Slot 0 stands still for one second of every two while this file is there.
if (BLOCK_WHEN !== undefined && process.env.NODE_APP_INSTANCE === '0')
  setInterval(() => existsSync(BLOCK_WHEN) && block(1000), 2000).unref();

server.listen(Number(process.env.PORT), '127.0.0.1');
