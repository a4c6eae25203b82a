'use strict';
// One of many apps: listens on a port of its own choice and waits.
require('node:http')
  .createServer((request, response) => response.end('ok\n'))
  .listen(0, '127.0.0.1');
