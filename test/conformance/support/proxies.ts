/** Programs that a case runs through: ours, and those of others as Debian installs them. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/ports.ts';
import { until } from '../../support/wait.ts';
import type { Lane } from './observe.ts';
import type { Upstream } from './upstream.ts';
import { upstream } from './upstream.ts';

export interface Proxy {
  /** Cases of two lanes do not see each other. */
  readonly lanes: readonly Lane[];
  stop(): Promise<void>;
}

export const connectTo = async (port: number, host = '127.0.0.1'): Promise<Socket> => {
  const socket = connect({ port, host, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
};

const accepts = async (port: number): Promise<boolean> =>
  connectTo(port).then(
    (socket) => {
      socket.destroy();
      return true;
    },
    () => false,
  );

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

/** Starts a program in a folder of its own, which goes with it. `write`: its files, by name. */
export const startProgram = async (
  command: (folder: string) => readonly string[],
  write: (folder: string) => Readonly<Record<string, string>>,
  ports: readonly number[],
  env: (folder: string) => Readonly<Record<string, string>> = () => ({}),
): Promise<() => Promise<void>> => {
  const folder = await mkdtemp(join(tmpdir(), 'sk-'));
  await Promise.all(Object.entries(write(folder)).map(([name, text]) => writeFile(join(folder, name), text)));
  const [file = '', ...args] = command(folder);
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin`, ...env(folder) },
  });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${file} ended (${code ?? signal}): ${said}`)));
  });
  failed.catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    // A drain waits for connections; here nobody needs them any longer.
    const limit = setTimeout(() => child.kill('SIGKILL'), 2000);
    await ended(child);
    clearTimeout(limit);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const port of ports) await Promise.race([until(`${file} on ${port}`, () => accepts(port)), failed]);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
};

/** A lane for each port: what comes in there goes to an upstream of its own. */
const withLanes = async (
  count: number,
  patienceMs: number,
  start: (pairs: readonly { readonly port: number; readonly to: Upstream }[]) => Promise<() => Promise<void>>,
): Promise<Proxy> => {
  const pairs: { readonly port: number; readonly to: Upstream }[] = [];
  for (let at = 0; at < count; at += 1) pairs.push({ port: await freePort(), to: await upstream() });
  const stop = await start(pairs);
  return {
    lanes: pairs.map(({ port, to }) => ({ connect: () => connectTo(port), upstream: to, patienceMs })),
    async stop() {
      await stop();
      for (const { to } of pairs) to.close();
    },
  };
};

const nginxConf = (folder: string, pairs: readonly { port: number; to: Upstream }[]): string => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_request_buffering off;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  ${pairs
    .map(
      ({ port, to }) => `
  upstream to${port} { server 127.0.0.1:${to.port} max_fails=0; keepalive 8; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://to${port}; } }`,
    )
    .join('')}
}
`;

const haproxyConf = (pairs: readonly { port: number; to: Upstream }[]): string => `
global
  nbthread 1
defaults
  mode http
  option forwardfor
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout http-request 10s
${pairs
  .map(
    ({ port, to }) => `
frontend in${port}
  bind 127.0.0.1:${port}
  default_backend out${port}
backend out${port}
  server only 127.0.0.1:${to.port}
`,
  )
  .join('')}`;

export const nginx = (lanes: number, patienceMs: number): Promise<Proxy> =>
  withLanes(lanes, patienceMs, (pairs) =>
    startProgram(
      (folder) => ['nginx', '-p', folder, '-e', `${folder}/error.log`, '-c', `${folder}/nginx.conf`],
      (folder) => ({ 'nginx.conf': nginxConf(folder, pairs) }),
      pairs.map(({ port }) => port),
    ),
  );

export const haproxy = (lanes: number, patienceMs: number): Promise<Proxy> =>
  withLanes(lanes, patienceMs, (pairs) =>
    startProgram(
      (folder) => ['haproxy', '-db', '-f', `${folder}/haproxy.cfg`],
      () => ({ 'haproxy.cfg': haproxyConf(pairs) }),
      pairs.map(({ port }) => port),
    ),
  );

/** `nginx/1.22.1`, for a table; what it says of itself. */
export const versionOf = async (program: 'nginx' | 'haproxy'): Promise<string> => {
  const child = spawn(program, ['-v'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? '?';
};
