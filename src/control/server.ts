/** The control API (src/protocol/control.ts) over HTTP. Thin: every answer comes from `api`. */
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { SkeinError, asSkeinError } from '../core/errors.ts';
import { encodeLine } from '../core/json-lines.ts';
import { parseSignal } from '../os/signals.ts';
import type {
  Accepted,
  AppDetails,
  AppList,
  AppView,
  LogLine,
  Operation,
  OperationRequest,
  Ping,
  SignalRequest,
  SkeinEvent,
  StartRequest,
} from '../protocol/control.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import { checkOperation, checkSignal, checkStart } from './requests.ts';
import { followStream } from './stream.ts';

/** What the supervisor offers to the control API. Methods throw `SkeinError`s. */
export interface ControlApi {
  ping(): Ping;
  list(targets: readonly string[]): AppView[];
  describe(targets: readonly string[]): AppDetails[];
  start(spec: AppSpec): Operation[];
  operate(request: OperationRequest): Operation[];
  operation(id: string): Operation | undefined;
  signal(request: SignalRequest): number[];
  stopped(name: string): Promise<number | null>;
  shutdown(): Operation[];
  names(targets: readonly string[]): string[];
  eventsSince(at: number): SkeinEvent[];
  followEvents(follower: (event: SkeinEvent) => void): () => void;
  lastLines(apps: readonly string[], stream: 'out' | 'err' | null, count: number): LogLine[];
  followLogs(follower: (line: LogLine) => void): () => void;
  reopenLogs(): void;
}

/** How often a followed operation is looked at; its end is told at once. */
const PROGRESS_MS = 100;

const accepted = (operations: readonly Operation[]): Accepted => ({ operations });

const streamOf = (c: Context): 'out' | 'err' | null => {
  const stream = c.req.query('stream');
  return stream === 'out' || stream === 'err' ? stream : null;
};

export const createControlServer = (api: ControlApi, logFile: string): Server => {
  const app = new Hono();

  app.onError((error, c) => {
    const known = asSkeinError(error, logFile);
    return c.json({ error: known.toData() }, known.status as ContentfulStatusCode);
  });
  app.notFound((c) => {
    const error = new SkeinError('E_BAD_REQUEST', { reason: `there is no ${c.req.method} ${c.req.path}` });
    return c.json({ error: error.toData() }, 404);
  });

  app.get('/v1/ping', (c) => c.json(api.ping()));
  app.get('/v1/apps', (c) => {
    const targets = c.req.queries('target') ?? [];
    const apps = c.req.query('details') === undefined ? api.list(targets) : api.describe(targets);
    return c.json({ version: 1, apps } satisfies AppList);
  });
  app.post('/v1/apps', async (c) => {
    const { spec } = checkStart(await body(c)) satisfies StartRequest;
    return c.json(accepted(api.start(spec)), 202);
  });
  app.post('/v1/operations', async (c) => c.json(accepted(api.operate(checkOperation(await body(c)))), 202));
  app.get('/v1/operations/:id', (c) => c.json(known(api, c.req.param('id'))));
  app.get('/v1/operations/:id/follow', (c) => {
    const id = c.req.param('id');
    known(api, id);
    return followStream((send, end) => {
      let said = '';
      const look = (): void => {
        const operation = api.operation(id);
        if (operation === undefined) return end();
        const text = encodeLine(operation);
        if (text !== said) send(text);
        said = text;
        if (operation.state !== 'running') end();
      };
      const timer = setInterval(look, PROGRESS_MS);
      const unfollow = api.followEvents((event) => {
        if (event.kind === 'operation-ended') look();
      });
      look();
      return () => {
        clearInterval(timer);
        unfollow();
      };
    });
  });
  app.post('/v1/signal', async (c) => {
    const request = checkSignal(await body(c));
    const signal = parseSignal(request.signal);
    if (signal === undefined) throw new SkeinError('E_BAD_SIGNAL', { signal: request.signal });
    return c.json({ signalled: api.signal({ ...request, signal }) });
  });
  app.get('/v1/events', (c) => {
    const since = Number(c.req.query('since') ?? 0);
    const follow = c.req.query('follow') !== undefined;
    return followStream((send, end) => {
      for (const event of api.eventsSince(since)) send(encodeLine(event));
      if (!follow) return end();
      return api.followEvents((event) => send(encodeLine(event)));
    });
  });
  app.get('/v1/logs', (c) => {
    const apps = new Set(api.names(c.req.queries('target') ?? []));
    const stream = streamOf(c);
    const lines = Number(c.req.query('lines') ?? 15);
    const follow = c.req.query('follow') !== undefined;
    return followStream((send, end) => {
      for (const line of api.lastLines([...apps], stream, lines)) send(encodeLine(line));
      if (!follow) return end();
      return api.followLogs((line) => {
        if (apps.has(line.app) && (stream === null || stream === line.stream)) send(encodeLine(line));
      });
    });
  });
  app.post('/v1/logs/reopen', (c) => {
    api.reopenLogs();
    return c.json({});
  });
  app.get('/v1/wait-stopped', async (c) => c.json({ exitCode: await api.stopped(c.req.query('target') ?? '') }));
  app.post('/v1/shutdown', (c) => c.json(accepted(api.shutdown()), 202));

  return createAdaptorServer({ fetch: app.fetch }) as Server;
};

const known = (api: ControlApi, id: string): Operation => {
  const operation = api.operation(id);
  if (operation === undefined) throw new SkeinError('E_BAD_REQUEST', { reason: `there is no operation ${id}` });
  return operation;
};

const body = async (c: Context): Promise<unknown> => {
  try {
    return (await c.req.json()) as unknown;
  } catch {
    throw new SkeinError('E_BAD_REQUEST', { reason: 'the body is not JSON' });
  }
};
