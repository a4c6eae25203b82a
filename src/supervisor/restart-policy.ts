/**
 * Whether, and when, a worker that ended by itself is started again: at once the first time, then
 * with exponential backoff over the crashes of the sliding window, so that no crash loop ever runs
 * without delay, however long each round of it takes.
 */
import { backoffMs } from '../core/backoff.ts';
import type { RestartPolicy } from '../protocol/app-spec.ts';
import type { Exit } from '../protocol/holder.ts';
import type { Verdict } from './worker-state.ts';

/** Crashes older than this no longer count. Ten rounds at the longest pause fit into it. */
export const WINDOW_MS = 300_000;

const BACKOFF = { baseMs: 100, maxMs: 30_000 };

export const recentCrashes = (crashes: readonly number[], now: number): number[] =>
  crashes.filter((at) => now - at < WINDOW_MS);

/** `crashes`: when this slot crashed before, without the present one. */
export const restartVerdict = (
  policy: RestartPolicy,
  exit: Exit,
  crashes: readonly number[],
  now: number,
  random: () => number,
): Verdict => {
  if (!policy.auto) return { then: 'stay-stopped' };
  if (exit.code !== null && policy.stopExitCodes.includes(exit.code)) return { then: 'stay-stopped' };
  const before = recentCrashes(crashes, now).length;
  if (policy.maxRestarts !== null && before >= policy.maxRestarts)
    return { then: 'give-up', reason: `restarted ${before} times in ${WINDOW_MS / 60_000} minutes` };
  const backoff = before === 0 ? 0 : backoffMs(BACKOFF, before - 1, random);
  return { then: 'restart', afterMs: Math.max(policy.delayMs, backoff) };
};

/** How a process ended, for people: `exit code 1`, `signal SIGKILL`. */
export const describeExit = ({ code, signal }: Exit): string =>
  signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;

/** The app ended by its own will and says it went well: nothing that waits for it has failed. */
export const isWantedEnd = ({ stopExitCodes }: RestartPolicy, { code }: Exit, verdict: Verdict): boolean =>
  verdict.then === 'stay-stopped' && code !== null && (code === 0 || stopExitCodes.includes(code));
