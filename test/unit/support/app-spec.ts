/** A complete spec for unit tests; they change what they are about. */
import { defaults } from '../../../src/config/defaults.ts';
import type { AppSpec } from '../../../src/protocol/app-spec.ts';

export const appSpec = (changes: Partial<AppSpec> = {}): AppSpec => ({
  ...defaults,
  name: 'api',
  script: '/srv/api/server.js',
  args: [],
  cwd: '/srv/api',
  shellEnv: {},
  env: {},
  kind: 'node',
  interpreter: '/usr/bin/node',
  nodeArgs: [],
  instances: 2,
  accept: 'per-worker',
  ready: { kind: 'listening' },
  readyTimeoutMs: 30_000,
  stopSignal: 'SIGTERM',
  drainTimeoutMs: 30_000,
  killTimeoutMs: 10_000,
  restart: { auto: true, maxRestarts: null, stopExitCodes: [], delayMs: 0 },
  maxMemoryBytes: null,
  hangTimeoutMs: null,
  ...changes,
});
