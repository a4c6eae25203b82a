/** nginx with one worker: least connections, forwarding headers, passive health, connections that stay. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProxy, type Proxy, type ProxyLaunch } from './proxy.ts';

/** Workers would be `nobody` and could not open the sockets of a directory that is only root's. */
const user = process.getuid?.() === 0 ? 'user root;' : '';

const config = ({ port, upstreams, directory }: ProxyLaunch): string => `
${user}
worker_processes 1;
daemon off;
pid ${directory}/pid;
error_log ${directory}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  upstream workers {
    least_conn;
    ${upstreams.map((path) => `server unix:${path} max_fails=5 fail_timeout=10s;`).join('\n    ')}
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://workers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Request-Id $request_id;
    }
  }
}
`;

export const nginx: Proxy = {
  name: 'nginx',
  start: async (launch) => {
    const file = join(launch.directory, 'nginx.conf');
    await writeFile(file, config(launch));
    return startProxy(
      'nginx',
      ['-p', launch.directory, '-e', join(launch.directory, 'error.log'), '-c', file],
      launch,
    );
  },
};
