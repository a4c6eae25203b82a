// One way to build a reverse proxy in Node, to be measured against the others:
//
//   node proxy.mjs <front> <engine> <port> <unix socket>...
//
// A front reads requests and sends answers (fronts.mjs), an engine asks an upstream (engines.mjs). They
// do what the numbers need and no more: no body of requests, no retries, nothing that fails.
import { engines } from './engines.mjs';
import { fronts } from './fronts.mjs';

const [front, engine, port, ...paths] = process.argv.slice(2);
const upstreams = paths.map((path) => ({ inFlight: 0, ask: engines[engine](path) }));

fronts[front](Number(port), (method, target, rawHeaders, answer) => {
  let upstream = upstreams[0];
  for (const one of upstreams) if (one.inFlight < upstream.inFlight) upstream = one;
  upstream.inFlight += 1;
  upstream.ask(method, target, rawHeaders, answer, () => (upstream.inFlight -= 1));
});
