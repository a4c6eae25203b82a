// An ordinary server: nothing in it knows about Skein.
import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.setHeader('x-worker', process.pid);
  response.end('hello\n');
});

server.listen(process.env.PORT ?? 3000);
