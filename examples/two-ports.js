// The port for everybody and one for the operator.
import { createServer } from 'node:http';

createServer((_request, response) => {
  response.end('hello\n');
}).listen(process.env.PORT ?? 3000);

createServer((_request, response) => {
  response.end('well\n');
}).listen(process.env.ADMIN_PORT ?? 3001);
