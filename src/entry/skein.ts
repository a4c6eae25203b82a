/** `skein`: what an app gets from its cluster, or alone. */
export type { ErrorCode } from '../core/error-catalogue.ts';
export { SkeinError } from '../core/errors.ts';
export type { Duration } from '../core/options.ts';
export { health } from '../cluster-api/health/health.ts';
export type { Health, HealthCheckOptions } from '../cluster-api/health/health.ts';
export type { HealthCheck } from '../cluster-api/health/check.ts';
export { ready } from '../cluster-api/ready.ts';
export { onShutdown } from '../cluster-api/shutdown.ts';
export type { ShutdownOptions } from '../cluster-api/shutdown.ts';
export { worker } from '../cluster-api/worker.ts';
export type { Worker } from '../cluster-api/worker.ts';
export { isLeader, onLeader } from '../cluster-api/leader/leader.ts';
export type { Leadership } from '../cluster-api/leader/term.ts';
export { cached } from '../cluster-api/cached/cached.ts';
export type { Cached } from '../cluster-api/cached/cached.ts';
export type { FetchContext } from '../cluster-api/cached/call.ts';
export type { CachedOptions } from '../cluster-api/cached/options.ts';
export type { Frozen } from '../core/frozen.ts';
export { every } from '../cluster-api/jobs/every.ts';
export type { EveryOptions, RunningJob } from '../cluster-api/jobs/every.ts';
export type { JobContext } from '../cluster-api/jobs/job.ts';
export { once } from '../cluster-api/jobs/once.ts';
export type { OnceContext, OnceOptions } from '../cluster-api/jobs/once.ts';
export type {
  Answer,
  BroadcastOptions,
  Messages,
  Off,
  Place,
  Reply,
  RequestAllOptions,
  RequestOptions,
  SendOptions,
} from '../cluster-api/messages/api.ts';
export type { HandlerFailure } from '../cluster-api/messages/handlers.ts';
export type { Peer } from '../cluster-api/messages/member.ts';
export { answer, broadcast, on, onMessageError, request, send } from '../cluster-api/messages/own.ts';
export { topic } from '../cluster-api/messages/topic.ts';
export type { MessageTopic } from '../cluster-api/messages/topic.ts';
export type { CheckResult, HealthReport, ShutdownHook, ShutdownTime } from '../protocol/app-link.ts';
