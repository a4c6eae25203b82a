/** The control API (src/protocol/control.ts) over HTTP. Thin: every answer comes from `api`. */
import type { Server } from 'node:http';
import { SkeinError } from '../core/errors.ts';
import { parseSignal } from '../os/signals.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { BalancerView, UpstreamChanged, UpstreamRequest } from '../protocol/balancer-view.ts';
import type {
  AppDetails,
  AppView,
  Applied,
  ApplyRequest,
  Environments,
  Operation,
  OperationRequest,
  Ping,
  Saved,
  SignalRequest,
  SkeinEvent,
  UpgradeRequest,
} from '../protocol/control.ts';
import type { LogApi } from './log-routes.ts';
import { followLogs } from './log-routes.ts';
import {
  checkApply,
  checkFlush,
  checkOperation,
  checkReset,
  checkSignal,
  checkStart,
  checkUpgrade,
  checkUpstream,
} from './requests.ts';
import type { Answer, Call, Follow } from './router.ts';
import { createRouter } from './router.ts';

/** What the supervisor offers to the control API. Methods throw `SkeinError`s. */
export interface ControlApi extends LogApi {
  ping(): Ping;
  list(targets: readonly string[]): AppView[];
  describe(targets: readonly string[]): AppDetails[];
  start(spec: AppSpec): Operation[];
  operate(request: OperationRequest): Operation[];
  apply(request: ApplyRequest): Applied;
  operation(id: string): Operation | undefined;
  signal(request: SignalRequest): number[];
  reset(targets: readonly string[]): string[];
  balancers(targets: readonly string[]): BalancerView[];
  changeUpstream(request: UpstreamRequest): UpstreamChanged;
  environments(targets: readonly string[]): Environments;
  stopped(name: string): Promise<number | null>;
  shutdown(): Operation[];
  eventsSince(at: number): SkeinEvent[];
  followEvents(follower: (event: SkeinEvent) => void): () => void;
  /** Throws what the file system says. */
  save(): Saved;
  upgrade(request: UpgradeRequest): Promise<void>;
}

/** How often a followed operation is looked at; its end is told at once. */
const PROGRESS_MS = 100;

export const createControlServer = (api: ControlApi, logFile: string): Server =>
  createRouter(
    {
      'GET /v1/ping': () => ({ json: api.ping() }),
      'GET /v1/apps': ({ query }) => {
        const targets = query.getAll('target');
        return {
          json: { version: 1, apps: query.has('details') ? api.describe(targets) : api.list(targets) },
        };
      },
      'POST /v1/apps': async (call) => accepted(api.start(checkStart(await call.body()).spec)),
      'POST /v1/operations': async (call) => accepted(api.operate(checkOperation(await call.body()))),
      'POST /v1/apply': async (call) => {
        const applied = api.apply(checkApply(await call.body()));
        return { status: applied.operations.length > 0 ? 202 : 200, json: applied };
      },
      'GET /v1/operations/:id': ({ id }) => ({ json: known(api, id) }),
      'GET /v1/operations/:id/follow': ({ id }) => {
        known(api, id);
        return { follow: followOperation(api, id) };
      },
      'POST /v1/signal': async (call) => {
        const request = checkSignal(await call.body());
        const signal = parseSignal(request.signal);
        if (signal === undefined) throw new SkeinError('E_BAD_SIGNAL', { signal: request.signal });
        return { json: { signalled: api.signal({ ...request, signal }) } };
      },
      'POST /v1/reset': async (call) => ({
        json: { reset: api.reset(checkReset(await call.body()).targets) },
      }),
      'GET /v1/balancers': ({ query }) => ({
        json: { version: 1, balancers: api.balancers(query.getAll('target')) },
      }),
      'POST /v1/upstreams': async (call) => ({
        json: api.changeUpstream(checkUpstream(await call.body())),
      }),
      'GET /v1/environment': ({ query }) => ({ json: api.environments(query.getAll('target')) }),
      'GET /v1/events': ({ query }) => ({
        follow: (send, end) => {
          for (const event of api.eventsSince(numberOf(query, 'since', 0))) send(event);
          if (query.has('follow')) return api.followEvents(send);
          end();
          return undefined;
        },
      }),
      'GET /v1/logs': ({ query }) => ({ follow: followLogs(api, query) }),
      'POST /v1/logs/flush': async (call) => ({
        json: { flushed: api.flushLogs(checkFlush(await call.body()).targets) },
      }),
      'POST /v1/logs/reopen': () => {
        api.reopenLogs();
        return { json: {} };
      },
      'GET /v1/wait-stopped': async ({ query }) => ({
        json: { exitCode: await api.stopped(query.get('target') ?? '') },
      }),
      'POST /v1/save': () => ({ json: api.save() }),
      'POST /v1/upgrade': async (call) => {
        await api.upgrade(checkUpgrade(await call.body()));
        return { status: 202, json: {} };
      },
      'POST /v1/shutdown': () => accepted(api.shutdown()),
    },
    logFile,
  );

const accepted = (operations: readonly Operation[]): Answer => ({ status: 202, json: { operations } });

const known = (api: ControlApi, id: string): Operation => {
  const operation = api.operation(id);
  if (operation === undefined)
    throw new SkeinError('E_BAD_REQUEST', { reason: `there is no operation ${id}` });
  return operation;
};

const numberOf = (query: Call['query'], name: string, otherwise: number): number => {
  const value = Number(query.get(name) ?? otherwise);
  if (!Number.isFinite(value) || value < 0)
    throw new SkeinError('E_BAD_REQUEST', { reason: `${name} is not a number` });
  return value;
};

const followOperation =
  (api: ControlApi, id: string): Follow =>
  (send, end) => {
    let said = '';
    const look = (): void => {
      const operation = api.operation(id);
      if (operation === undefined) return end();
      const text = JSON.stringify(operation);
      if (text !== said) send(operation);
      said = text;
      if (operation.state !== 'running') end();
    };
    const timer = setInterval(look, PROGRESS_MS);
    const unfollow = api.followEvents(({ kind }) => {
      if (kind === 'operation-ended') look();
    });
    look();
    return () => {
      clearInterval(timer);
      unfollow();
    };
  };
