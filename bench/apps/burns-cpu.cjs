'use strict';
// `/burn/50` keeps the event loop busy for 50 ms, everything else is answered at once.
const { createServer } = require('node:http');
const { listening } = require('./listening.cjs');

// CPU time and not wall time: a process that is scheduled out must not get its work for free.
const burn = (milliseconds) => {
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= milliseconds * 1000) return;
  }
};

const server = createServer((request, response) => {
  if (request.url.startsWith('/burn/')) burn(Number(request.url.slice('/burn/'.length)));
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 3 });
  response.end('ok\n');
});
server.listen(Number(process.env.PORT), '127.0.0.1', listening);
