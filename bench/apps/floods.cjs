'use strict';
// Prints numbered lines at SIGUSR2, as fast as they are taken.
const { createServer } = require('node:http');
const { listening } = require('./listening.cjs');

const LINES = 250_000;
const filler = 'x'.repeat(60);

let next = 0;
const turn = () => {
  for (const end = Math.min(LINES, next + 500); next < end; next += 1)
    console.log(`flood ${process.pid} ${next} ${filler}`);
  if (next < LINES) setImmediate(turn);
};
process.once('SIGUSR2', turn);
createServer((request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1', listening);
