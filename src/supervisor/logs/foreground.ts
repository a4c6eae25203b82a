/** The foreground form (`skein run`): workers' output on this process's own stdout and stderr. */
import type { Events } from '../events.ts';
import type { Followers } from './followers.ts';
import { writeAll } from './write-all.ts';

const FD = { out: 1, err: 2 } as const;

/** What is told on stderr beside the app's own output: the things somebody would ask about. */
const TOLD = new Set([
  'worker-crashed',
  'worker-hung',
  'worker-over-memory',
  'app-failed',
  'address-in-use',
  'balancer-refused',
  'log-failed',
]);

/**
 * Written synchronously: the last line of a failing worker is out before anything ends. A reader
 * that went away must not end the supervisor, so an error is no error here.
 */
const put = (fd: number, lines: Buffer): void => void writeAll(fd, lines);

/** With the worker's name before each line; as bytes, so that what is no UTF-8 stays as it is. */
const prefixed = (lines: Buffer, prefix: string): Buffer => {
  const text = lines.toString('latin1', 0, lines.length - 1);
  return Buffer.from(`${prefix}${text.replaceAll('\n', () => `\n${prefix}`)}\n`, 'latin1');
};

/** `instances` decides whether a line needs its worker's name in front. */
export const printForeground = (
  followers: Followers,
  events: Events,
  instances: (app: string) => number,
): void => {
  followers.addRaw(({ app, slot }, stream, lines) =>
    put(
      FD[stream],
      instances(app) > 1 ? prefixed(lines, Buffer.from(`${app}.${slot} | `).toString('latin1')) : lines,
    ),
  );
  events.follow(({ kind, app, text }) => {
    if (TOLD.has(kind)) put(2, Buffer.from(`skein: ${app === null ? '' : `${app}: `}${text}\n`));
  });
};
