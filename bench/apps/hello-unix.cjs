'use strict';
// hello.cjs on a unix socket, as the workers behind a balancer are: `node hello-unix.cjs <path>`.
const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');

const body = 'hello world\n';
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
// What waits for it looks for this file: the socket's own is there before it accepts.
server.listen(process.argv[2], () => writeFileSync(`${process.argv[2]}.ready`, ''));
