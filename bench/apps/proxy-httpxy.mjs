// httpxy before several upstreams, the one with the fewest requests under way first:
// `node proxy-httpxy.mjs <port> <unix socket>...`. Its own agent keeps connections alive.
import { createServer } from 'node:http';
import { createProxyServer } from 'httpxy';
import { fewest } from './fewest.mjs';

const [port, ...paths] = process.argv.slice(2);
const take = fewest(paths);
const proxy = createProxyServer({ xfwd: true });
createServer(async (request, response) => {
  const upstream = take(response);
  try {
    await proxy.web(request, response, {
      target: { socketPath: upstream.path, host: 'localhost', protocol: 'http:' },
    });
  } catch {
    if (!response.headersSent) response.writeHead(502);
    response.end();
  }
}).listen(Number(port), '127.0.0.1');
