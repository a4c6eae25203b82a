/** Counts each request once, by how it ended. */
import type { ClientKind, Loss, Outcome, Tally } from './profile.ts';

export interface TallyBook {
  sent(kind: ClientKind): void;
  connected(): void;
  retried(): void;
  ok(kind: ClientKind, dueAt: number, worker: string | null): void;
  lost(loss: Loss): void;
  readonly open: number;
  readonly answered: number;
  close(): Tally;
}

const keptLosses = 100;

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const createTallyBook = (): TallyBook => {
  const outcomes: Record<Outcome, number> = {
    ok: 0,
    refused: 0,
    reset: 0,
    timeout: 0,
    truncated: 0,
    'server-error': 0,
    wrong: 0,
  };
  const kinds: Partial<Record<ClientKind, number>> = {};
  const workers: Record<string, number> = {};
  const losses: Loss[] = [];
  const latencies: number[] = [];
  let sent = 0;
  let ended = 0;
  let retried = 0;
  let connections = 0;
  return {
    sent(kind) {
      sent += 1;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    },
    connected() {
      connections += 1;
    },
    retried() {
      retried += 1;
    },
    ok(kind, dueAt, worker) {
      ended += 1;
      outcomes.ok += 1;
      if (!kind.startsWith('slow')) latencies.push(Date.now() - dueAt);
      if (worker !== null) workers[worker] = (workers[worker] ?? 0) + 1;
    },
    lost(loss) {
      ended += 1;
      outcomes[loss.outcome] += 1;
      if (losses.length < keptLosses) losses.push(loss);
    },
    get open() {
      return sent - ended;
    },
    get answered() {
      return outcomes.ok;
    },
    close() {
      const sorted = latencies.toSorted((a, b) => a - b);
      return {
        sent,
        outcomes,
        kinds,
        losses,
        latency: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) ?? 0 },
        workers,
        retried,
        connections,
      };
    },
  };
};
