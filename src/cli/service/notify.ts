/**
 * sd_notify(3): tells systemd how a service is. Node has no unix datagram sockets, so
 * systemd-notify(1) does the telling; `NotifyAccess=all` lets it speak for us.
 */
import { execFile } from 'node:child_process';
import { which } from '../../os/which.ts';

export interface Notifier {
  /** Somebody listens. */
  readonly active: boolean;
  /** A sign of life is wanted at least every so many milliseconds; null: never. */
  readonly watchdogMs: number | null;
  /** Assignments such as `READY=1`, all in one message, after those told before. Never rejects. */
  tell(...assignments: readonly string[]): Promise<void>;
}

const SENT_WITHIN_MS = 5_000;

/** Also where PATH is a poor one. */
const EXTRA_PATH = '/usr/bin:/bin';

const watchdogOf = ({ WATCHDOG_USEC, WATCHDOG_PID }: Readonly<NodeJS.ProcessEnv>): number | null => {
  const ms = Number(WATCHDOG_USEC ?? 0) / 1000;
  // `bin/skein.js` may have started this process in its own place.
  const ours = WATCHDOG_PID === undefined || [process.pid, process.ppid].includes(Number(WATCHDOG_PID));
  return ms > 0 && ours ? ms : null;
};

/** @param warn is told once that nothing can be told */
export const createNotifier = (env: Readonly<NodeJS.ProcessEnv>, warn: (text: string) => void): Notifier => {
  const socket = env['NOTIFY_SOCKET'];
  const silent: Notifier = { active: false, watchdogMs: null, tell: () => Promise.resolve() };
  if (socket === undefined || socket === '') return silent;
  const program = which('systemd-notify', `${env['PATH'] ?? ''}:${EXTRA_PATH}`);
  if (program === undefined) {
    warn('systemd-notify was not found, so systemd cannot be told how this service is.');
    return silent;
  }
  let warned = false;
  const send = (assignments: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const options = { env: { NOTIFY_SOCKET: socket }, timeout: SENT_WITHIN_MS };
      execFile(program, [...assignments], options, (error) => {
        if (error !== null && !warned) warn(`systemd-notify failed: ${error.message.trim()}`);
        warned ||= error !== null;
        resolve();
      });
    });
  let last = Promise.resolve();
  return {
    active: true,
    watchdogMs: watchdogOf(env),
    tell: (...assignments) => (last = last.then(() => send(assignments))),
  };
};
