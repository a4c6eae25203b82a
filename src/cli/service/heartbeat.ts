/**
 * The watchdog's sign of life, given for as long as the supervisor answers. One that hangs is killed:
 * its successor is there within a second and the workers do not notice, whereas systemd, if it had to
 * act, would restart everything.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import type { Home } from '../../os/home.ts';
import { processStat, signalProcess } from '../../os/proc.ts';
import type { Notifier } from './notify.ts';
import { statusOf } from './status.ts';

export interface HeartbeatOptions {
  readonly home: Home;
  readonly holderPid: number;
  readonly notifier: Notifier;
  readonly warn: (text: string) => void;
  readonly signal: AbortSignal;
}

/** How often the status line is made new where there is no watchdog. */
const STATUS_EVERY_MS = 30_000;

/** While there is no supervisor. */
const AGAIN_MS = 250;

const MOST_ANSWER_MS = 10_000;

/** Kills the supervisor if it is the holder's child still, and not somebody who got its number. */
const killHung = (pid: number, holderPid: number): boolean => {
  if (processStat(pid)?.ppid !== holderPid) return false;
  signalProcess(pid, 'SIGKILL');
  return true;
};

const statusText = async (client: ControlClient): Promise<string> =>
  statusOf((await client.apps([])).apps).text;

const within = async <Value>(ms: number, promise: Promise<Value>): Promise<Value> => {
  const over = new AbortController();
  try {
    return await Promise.race([
      promise,
      pause(ms, undefined, { signal: over.signal }).then((): never => {
        throw new Error(`no answer within ${ms} ms`);
      }),
    ]);
  } finally {
    over.abort();
  }
};

/** Beats until `signal` is aborted. */
export const beat = async ({ home, holderPid, notifier, warn, signal }: HeartbeatOptions): Promise<void> => {
  if (!notifier.active) return;
  const everyMs = Math.min((notifier.watchdogMs ?? Infinity) / 2, STATUS_EVERY_MS);
  const client = createControlClient(home);
  // Late enough for a machine under load, and early enough to be back before systemd has lost patience.
  const answerMs = Math.min(everyMs / 2, MOST_ANSWER_MS);
  let supervisor: number | null = null;
  while (!signal.aborted) {
    try {
      supervisor = (await within(answerMs, client.ping())).supervisor.pid;
      await notifier.tell('WATCHDOG=1', `STATUS=${await statusText(client)}`);
    } catch {
      if (supervisor !== null && killHung(supervisor, holderPid))
        warn(`the supervisor (pid ${supervisor}) did not answer and was killed; the next one takes over.`);
      supervisor = null;
    }
    const waitMs = supervisor === null ? AGAIN_MS : everyMs;
    await pause(waitMs, undefined, { signal }).catch(() => {});
  }
};
