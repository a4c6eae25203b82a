/** The foreground form (`skein run`): workers' output on this process's own stdout and stderr. */
import { writeSync } from 'node:fs';
import type { Events } from './events.ts';
import type { Followers } from './followers.ts';

const FD = { out: 1, err: 2 } as const;

/** What is told on stderr beside the app's own output: the things somebody would ask about. */
const TOLD = new Set(['worker-crashed', 'worker-hung', 'worker-over-memory', 'app-failed', 'address-in-use']);

/** Written synchronously: the last line of a failing worker is out before anything ends. */
const put = (fd: number, text: string): void => {
  try {
    writeSync(fd, text);
  } catch {
    // A reader that went away must not end the supervisor.
  }
};

/** `instances` decides whether a line needs its worker's name in front. */
export const printForeground = (
  followers: Followers,
  events: Events,
  instances: (app: string) => number,
): void => {
  followers.add(({ app, slot, stream, text }) => {
    const prefix = instances(app) > 1 ? `${app}.${slot} | ` : '';
    put(FD[stream], `${prefix}${text}\n`);
  });
  events.follow(({ kind, app, text }) => {
    if (TOLD.has(kind)) put(2, `skein: ${app === null ? '' : `${app}: `}${text}\n`);
  });
};
