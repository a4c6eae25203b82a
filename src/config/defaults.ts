/**
 * What holds where the user says nothing. Alone, because the supervisor needs it too, and not what
 * reads settings.
 */
import type { AppSpec } from '../protocol/app-spec.ts';

/** What holds where the user says nothing; durations in milliseconds. */
export const defaults: Omit<
  AppSpec,
  'name' | 'script' | 'args' | 'cwd' | 'shellEnv' | 'env' | 'kind' | 'interpreter' | 'ready'
> = {
  instances: 1,
  // Measured: docs/decisions/0010-shared-is-the-default-accept-mode.md.
  accept: 'shared',
  readyTimeoutMs: 30_000,
  stopSignal: 'SIGTERM',
  drainTimeoutMs: 30_000,
  killTimeoutMs: 10_000,
  restart: { auto: true, maxRestarts: null, stopExitCodes: [], delayMs: 0 },
  maxMemoryBytes: null,
  hangTimeoutMs: null,
  nodeArgs: [],
  saveSecrets: false,
  namespace: null,
  source: null,
  incrementVar: null,
  instanceVar: 'NODE_APP_INSTANCE',
  dependsOn: [],
  logs: {
    enabled: true,
    out: null,
    err: null,
    combined: null,
    perWorker: false,
    format: 'plain',
    timestamp: null,
    rotation: { maxSizeBytes: 50 * 1024 ** 2, everyMs: null, keep: 10, maxTotalBytes: null, compress: true },
  },
  watch: null,
  cron: null,
  hooks: { before: null, after: null, timeoutMs: 300_000 },
  runAs: null,
  balance: null,
  balancer: null,
};
