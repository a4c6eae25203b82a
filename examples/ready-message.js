// Listens at once, but can serve only when its cache is filled: `skein start ready-message.js --ready message`.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const cache = new Map();

createServer((_request, response) => {
  response.end(`${cache.get('greeting')}\n`);
}).listen(process.env.PORT ?? 3000);

await pause(300); // A database, perhaps.
cache.set('greeting', 'hello');
// Undefined where Skein does not run it.
process.send?.('ready');
