/** HAProxy with one thread: least connections, forwarding headers, active health, connections that stay. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProxy, type Proxy, type ProxyLaunch } from './proxy.ts';

const config = ({ port, upstreams }: ProxyLaunch): string => `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  http-reuse always
  unique-id-format %{+X}o%ci%cp%Ts%rt
  unique-id-header X-Request-Id
frontend clients
  bind 127.0.0.1:${port}
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend workers
backend workers
  balance leastconn
  option httpchk GET /
  ${upstreams.map((path, index) => `server w${index} unix@${path} check inter 2s`).join('\n  ')}
`;

export const haproxy: Proxy = {
  name: 'HAProxy',
  start: async (launch) => {
    const file = join(launch.directory, 'haproxy.cfg');
    await writeFile(file, config(launch));
    return startProxy('haproxy', ['-db', '-f', file], launch);
  },
};
