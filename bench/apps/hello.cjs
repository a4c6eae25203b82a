'use strict';
// The smallest answer: what is measured is everything around it.
const { createServer } = require('node:http');
const { listening } = require('./listening.cjs');

const body = 'hello world\n';
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
server.listen(Number(process.env.PORT), '127.0.0.1', listening);
