/**
 * When a starting worker becomes ready: what each kind of check waits for, and that the app's own
 * health checks pass. One watcher for each worker; it ends when the worker is ready, or is told to stop.
 */
import type { ReadyCheck } from '../protocol/app-spec.ts';
import type { FromWorker } from '../protocol/worker.ts';
import type { HealthReport } from '../protocol/app-link.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { failingText, isHealthy } from './worker-health.ts';

/** A program that is no server is taken to run when it has lived this long. */
const STARTED_AFTER_MS = 500;
const PROBE_EVERY_MS = 200;
const PROBE_TIMEOUT_MS = 5000;

export interface Readiness {
  /** It is ready but for the app's health checks. */
  readonly passed: boolean;
  spawned(): void;
  heard(message: FromWorker): void;
  close(): void;
}

export interface ReadinessOptions {
  readonly worker: WorkerHandle;
  /** Whether the app is known to listen: then a worker that does not is not ready, however long it runs. */
  readonly isServer: () => boolean;
  readonly onReady: () => void;
  readonly onTimeout: () => void;
}

export const watchReadiness = ({ worker, isServer, onReady, onTimeout }: ReadinessOptions): Readiness => {
  const check: ReadyCheck = worker.spec.ready;
  const timers = new Set<NodeJS.Timeout>();
  let over = false;
  let passed = false;
  let probing = false;

  const after = (ms: number, what: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      what();
    }, ms);
    timers.add(timer);
  };
  const close = (): void => {
    over = true;
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  };
  const ready = (): void => {
    passed = true;
    if (over || !isHealthy(worker.health)) return;
    close();
    // Also where the gate is open: it has to know that it is ready, for the next supervisor.
    worker.send({ type: 'open' });
    onReady();
  };
  const probe = (): void => {
    if (over || check.kind !== 'http') return;
    worker.send({ type: 'probe', path: check.path, timeoutMs: PROBE_TIMEOUT_MS });
  };

  after(worker.spec.readyTimeoutMs, () => {
    close();
    onTimeout();
  });

  return {
    get passed() {
      return passed;
    },
    spawned: () => {
      if (check.kind === 'started') after(STARTED_AFTER_MS, ready);
      if (check.kind !== 'auto') return;
      // What is not Node has nothing in it that could tell that it listens.
      after(worker.spec.kind === 'program' ? STARTED_AFTER_MS : check.afterMs, () => {
        if (!isServer()) ready();
      });
    },
    heard: (message) => {
      if (over) return;
      if (passed) return ready();
      switch (check.kind) {
        case 'started':
          return;
        case 'listening':
        case 'auto':
          if (worker.listening.length > 0) ready();
          return;
        case 'message':
          if (worker.declaredReady) ready();
          return;
        case 'http':
          if (message.type === 'probed') {
            if (message.status !== null && message.status >= 200 && message.status < 400) ready();
            else after(PROBE_EVERY_MS, probe);
          } else if (!probing && worker.listening.some(({ kind }) => kind.startsWith('http'))) {
            probing = true;
            probe();
          } else if (message.type === 'hello' && probing) probe();
          return;
      }
    },
    close,
  };
};

export interface Waited {
  readonly waited: string;
  readonly hint: string;
}

/** The same where only the app's health checks were in the way. */
export const waitedForHealth = (health: HealthReport | null): Waited => ({
  waited: `its health check failed (${failingText(health)})`,
  hint: 'Mend what the check looks at; if it only needs longer, raise `--ready-timeout`.',
});

/** What a worker that was not ready in time was waited for, for the error. `probed`: what its
 *  probe came to last. */
export const waitedFor = (check: ReadyCheck, probed: string | null): Waited => {
  switch (check.kind) {
    case 'listening':
      return {
        waited: 'it did not listen on any address',
        hint: 'If it is not a server, start it with `--ready started`; if it needs longer, with `--ready-timeout 60s`.',
      };
    case 'message':
      return {
        waited: "it did not call process.send('ready')",
        hint: "Call process.send('ready') when it can serve, or start it without `--ready message`.",
      };
    case 'http':
      return {
        waited: probed === null ? 'it did not listen on any address' : `GET ${check.path} ${probed}`,
        hint: 'The path must answer 2xx or 3xx; if the app needs longer, raise `--ready-timeout`.',
      };
    case 'auto':
      return {
        waited: 'it did not listen on any address, as the app did before',
        hint: 'If it needs longer, raise `--ready-timeout`; if it is no server any more, use `--ready started`.',
      };
    case 'started':
      return { waited: 'its process did not start', hint: 'Look at `skein events`.' };
  }
};
