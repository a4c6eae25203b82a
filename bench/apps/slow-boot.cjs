'use strict';
// Needs a second before it can serve, as an app that first connects to its database.
const { createServer } = require('node:http');
const { listening } = require('./listening.cjs');

const server = createServer((request, response) => response.end('ok\n'));
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1', listening), 1000);
