/** A control API that answers what a test says, on the control socket of a home of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Home } from '../../../src/os/home.ts';
import { homeFrom } from '../../../src/os/home.ts';
import type { AppView, Operation, WorkerView } from '../../../src/protocol/control.ts';

export type Handler = (
  request: { readonly url: URL; readonly body: unknown },
  response: ServerResponse,
) => void;

export interface FakeControl {
  readonly home: Home;
  /** `GET /v1/apps` and the like, in the order they came. */
  readonly asked: string[];
  /** Bodies of the POST requests. */
  readonly bodies: unknown[];
  /** `GET /v1/apps` to what answers it. */
  readonly routes: Record<string, Handler>;
  readonly server: Server;
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

export const sendJson = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

export const answer =
  (value: unknown, status = 200): Handler =>
  (_request, response) =>
    sendJson(response, value, status);

export const answerLines =
  (...values: readonly unknown[]): Handler =>
  (_request, response) =>
    response.end(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

/** An empty home, in which nothing runs. */
export const temporaryHome = (t: TestContext): Home => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return homeFrom(dir);
};

export const fakeControl = async (t: TestContext, routes: Record<string, Handler>): Promise<FakeControl> => {
  const home = temporaryHome(t);
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://skein');
    const name = `${request.method} ${url.pathname}`;
    asked.push(`${name}${url.search}`);
    void bodyOf(request).then((body) => {
      if (body !== undefined) bodies.push(body);
      const handler =
        routes[name] ?? answer({ error: { code: 'E_BAD_REQUEST', message: `no ${name}`, fix: '' } }, 404);
      handler({ url, body }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(home.controlSocket, resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { home, asked, bodies, routes, server };
};

export const operation = (more: Partial<Operation> = {}): Operation => ({
  id: 'op1',
  verb: 'reload',
  app: 'api',
  state: 'running',
  startedAt: 1_000,
  endedAt: null,
  progress: '1 of 2 workers ready',
  error: null,
  report: null,
  ...more,
});

export const worker = (more: Partial<WorkerView> = {}): WorkerView => ({
  id: 0,
  slot: 0,
  pid: 1234,
  state: 'ready',
  generation: 1,
  uptimeMs: 65_000,
  restarts: 0,
  cpu: 0.12,
  rssBytes: 64 * 1024 * 1024,
  pssBytes: 30 * 1024 * 1024,
  utilisation: 0.5,
  connections: 12,
  requestsPerSecond: 1234.4,
  lastExit: null,
  health: null,
  ...more,
});

export const app = (more: Partial<AppView> = {}): AppView => ({
  name: 'api',
  namespace: null,
  state: 'running',
  accept: 'per-worker',
  generation: 1,
  instances: 1,
  addresses: ['127.0.0.1:3000'],
  script: '/srv/api.js',
  ids: [0],
  workers: [worker()],
  reason: null,
  ...more,
});
