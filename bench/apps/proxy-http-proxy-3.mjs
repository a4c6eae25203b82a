// http-proxy-3 before several upstreams, the one with the fewest requests under way first:
// `node proxy-http-proxy-3.mjs <port> <unix socket>...`. Without an agent it would open a connection
// for each request.
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy-3';
import { fewest } from './fewest.mjs';

const [port, ...paths] = process.argv.slice(2);
const take = fewest(paths);
const agent = new Agent({ keepAlive: true });
const proxy = httpProxy.createProxyServer({ xfwd: true, agent });
proxy.on('error', (_error, _request, response) => {
  if (!response.headersSent) response.writeHead(502);
  response.end();
});
createServer((request, response) => {
  const upstream = take(response);
  proxy.web(request, response, {
    target: { socketPath: upstream.path, host: 'localhost', protocol: 'http:' },
  });
}).listen(Number(port), '127.0.0.1');
