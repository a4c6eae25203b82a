/**
 * The one client of the control API (src/protocol/control.ts): typed functions over HTTP on the
 * unix socket of a home. Everything it throws is a SkeinError.
 */
import type { IncomingMessage } from 'node:http';
import type { Home } from '../os/home.ts';
import type { BalancerList, UpstreamChanged, UpstreamRequest } from '../protocol/balancer-view.ts';
import type {
  Accepted,
  AppDetails,
  AppList,
  Applied,
  ApplyRequest,
  Environments,
  Flushed,
  LogLine,
  LogMessage,
  Operation,
  OperationRequest,
  Ping,
  Saved,
  SignalRequest,
  SkeinEvent,
  StartRequest,
  Stopped,
  UpgradeRequest,
} from '../protocol/control.ts';
import { supervisorGone } from './client/errors.ts';
import { followOperation } from './client/follow.ts';
import type { LogQuery } from './client/logs.ts';
import { followLogs } from './client/logs.ts';
import type { Exchange } from './client/request.ts';
import { exchange, readJson } from './client/request.ts';
import { isGone, reopening, retryWhileGone } from './client/retry.ts';
import { readLines } from './client/stream.ts';

/** `GET /v1/apps?details=1` */
export interface AppDetailsList {
  readonly version: number;
  readonly apps: readonly AppDetails[];
}

export type { LogQuery } from './client/logs.ts';

export interface EventQuery {
  /** Milliseconds since the epoch; all that are remembered when undefined. */
  readonly since: number | undefined;
  readonly follow: boolean;
}

export interface ControlClient {
  ping(): Promise<Ping>;
  apps(targets: readonly string[]): Promise<AppList>;
  details(targets: readonly string[]): Promise<AppDetailsList>;
  start(request: StartRequest): Promise<Accepted>;
  operate(request: OperationRequest): Promise<Accepted>;
  apply(request: ApplyRequest): Promise<Applied>;
  /** Resolves with the ended operation; gets over supervisors that are killed in between. */
  follow(operation: Operation, onChange?: (operation: Operation) => void): Promise<Operation>;
  signal(request: SignalRequest): Promise<{ readonly signalled: readonly number[] }>;
  balancers(targets: readonly string[]): Promise<BalancerList>;
  changeUpstream(request: UpstreamRequest): Promise<UpstreamChanged>;
  /** Sets the counters of restarts back; resolves with the names of the apps. */
  reset(targets: readonly string[]): Promise<readonly string[]>;
  environments(targets: readonly string[]): Promise<Environments>;
  events(query: EventQuery): AsyncGenerator<SkeinEvent, void, void>;
  logs(query: LogQuery): AsyncGenerator<LogLine, void, void>;
  /** The paths of the files that were emptied. */
  flushLogs(targets: readonly string[]): Promise<Flushed>;
  reopenLogs(): Promise<void>;
  waitStopped(target: string, signal?: AbortSignal): Promise<Stopped>;
  save(): Promise<Saved>;
  /** Resolves when another supervisor takes over. */
  upgrade(request: UpgradeRequest): Promise<void>;
  shutdown(): Promise<Accepted>;
}

/** Above the second a new supervisor takes, also on a machine under load. */
const HEADERS_WITHIN_MS = 10_000;

/** A new supervisor has 10 s to say that it is able. */
const UPGRADE_WITHIN_MS = 20_000;

const query = (entries: readonly (readonly [string, string | undefined])[]): string => {
  const given = entries.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([key, value]): [string, string] => [key, value])).toString()}`;
};

const targetsQuery = (targets: readonly string[]): (readonly [string, string])[] =>
  targets.map((target) => ['target', target]);

export const createControlClient = (
  home: Home,
  headersWithinMs: number = HEADERS_WITHIN_MS,
): ControlClient => {
  const send = (parts: Partial<Exchange> & { readonly path: string }): Promise<IncomingMessage> =>
    exchange({ method: 'GET', headersWithinMs, ...parts }, home);
  // A GET may be asked again; a POST may already have been carried out.
  const get = async (path: string, parts: Partial<Exchange> = {}): Promise<unknown> =>
    await retryWhileGone(async () => await readJson(await send({ path, ...parts }), home));
  const post = async (path: string, body: unknown): Promise<unknown> =>
    await readJson(await send({ method: 'POST', path, body }), home);

  const open = async <Value>(path: string): Promise<AsyncGenerator<Value, void, void>> => {
    const response = await send({ path });
    if ((response.statusCode ?? 500) >= 400) await readJson(response, home);
    return readLines<Value>(response);
  };

  async function* events({ since, follow }: EventQuery): AsyncGenerator<SkeinEvent, void, void> {
    let from = since;
    const openNext = async (): Promise<AsyncGenerator<SkeinEvent, void, void>> =>
      await open(
        `/v1/events${query([
          ['follow', follow ? '1' : undefined],
          ['since', from?.toString()],
        ])}`,
      );
    for await (const event of follow ? reopening(openNext) : await retryWhileGone(openNext)) {
      from = event.at + 1;
      yield event;
    }
  }

  const logs = (asked: LogQuery): AsyncGenerator<LogLine, void, void> =>
    followLogs(
      (follow) =>
        open<LogMessage>(
          `/v1/logs${query([
            ...targetsQuery(asked.targets),
            ['follow', follow ? '1' : undefined],
            ['stream', asked.stream],
          ])}`,
        ),
      asked,
    );

  return {
    ping: async () => (await get('/v1/ping')) as Ping,
    apps: async (targets) => (await get(`/v1/apps${query(targetsQuery(targets))}`)) as AppList,
    details: async (targets) =>
      (await get(`/v1/apps${query([['details', '1'], ...targetsQuery(targets)])}`)) as AppDetailsList,
    start: async (request) => (await post('/v1/apps', request)) as Accepted,
    operate: async (request) => (await post('/v1/operations', request)) as Accepted,
    apply: async (request) => (await post('/v1/apply', request)) as Applied,
    follow: async (operation, onChange = () => {}) =>
      await followOperation(
        {
          open: async (id) => await open<Operation>(`/v1/operations/${encodeURIComponent(id)}/follow`),
          gone: (reason) => supervisorGone(home, reason),
        },
        operation,
        onChange,
      ),
    signal: async (request) => (await post('/v1/signal', request)) as { signalled: number[] },
    reset: async (targets) =>
      ((await post('/v1/reset', { targets })) as { readonly reset: readonly string[] }).reset,
    balancers: async (targets) => (await get(`/v1/balancers${query(targetsQuery(targets))}`)) as BalancerList,
    changeUpstream: async (request) => (await post('/v1/upstreams', request)) as UpstreamChanged,
    environments: async (targets) =>
      (await get(`/v1/environment${query(targetsQuery(targets))}`)) as Environments,
    events,
    logs,
    flushLogs: async (targets) => (await post('/v1/logs/flush', { targets })) as Flushed,
    reopenLogs: async () => {
      await post('/v1/logs/reopen', {});
    },
    waitStopped: async (target, signal) => {
      const path = `/v1/wait-stopped${query([['target', target]])}`;
      for (;;) {
        try {
          return (await readJson(await send({ path, headersWithinMs: null, signal }), home)) as Stopped;
        } catch (error) {
          if (!isGone(error)) throw error;
          await get('/v1/ping');
        }
      }
    },
    save: async () => (await post('/v1/save', {})) as Saved,
    upgrade: async (body) => {
      const parts = {
        method: 'POST',
        path: '/v1/upgrade',
        body,
        headersWithinMs: UPGRADE_WITHIN_MS,
      } as const;
      await readJson(await send(parts), home);
    },
    shutdown: async () => (await post('/v1/shutdown', {})) as Accepted,
  };
};
