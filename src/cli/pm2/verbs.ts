/**
 * Every command of PM2 and what answers it here. The table of docs/migrating-from-pm2.md is made of
 * this one and kept equal by a test.
 */
import type { Pm2Command } from './session.ts';

export type Pm2Verb = {
  /** `delete`, and its other names. */
  readonly names: readonly string[];
  /** What to type with `skein`; null: there is nothing like it. */
  readonly skein: string | null;
  /** What differs on purpose, or is to be known; in Markdown. */
  readonly note?: string;
} & (
  | { readonly kind: 'verb'; readonly load: () => Promise<Pm2Command> }
  | { readonly kind: 'outside'; readonly why: string }
);

const verb = (names: string, skein: string, load: () => Promise<Pm2Command>, note?: string): Pm2Verb => ({
  kind: 'verb',
  names: names.split(' '),
  skein,
  load,
  ...(note !== undefined && { note }),
});

const outside = (names: string, why: string): Pm2Verb => ({
  kind: 'outside',
  names: names.split(' '),
  skein: null,
  why,
});

export const pm2Verbs: readonly Pm2Verb[] = [
  verb(
    'start',
    'skein start',
    async () => (await import('./start.ts')).start,
    'exit 1 when an app does not come up; instances start together; a name stands for one app, so `-f` adds a worker to it',
  ),
  verb(
    'stop',
    'skein stop',
    async () => (await import('./operate.ts')).stop,
    'requests that are open end first',
  ),
  verb('restart', 'skein restart', async () => (await import('./operate.ts')).restart),
  verb(
    'reload gracefulReload',
    'skein reload',
    async () => (await import('./operate.ts')).reload,
    'loses no request; a release that does not come up is taken back, exit 1',
  ),
  verb('delete del', 'skein delete', async () => (await import('./operate.ts')).remove),
  verb('list ls l ps status', 'skein list', async () => (await import('./look.ts')).list),
  verb('logs log', 'skein logs', async () => (await import('./logs.ts')).logs),
  verb('describe desc info show', 'skein describe', async () => (await import('./look.ts')).describe),
  verb(
    'save dump',
    'skein save',
    async () => (await import('./home.ts')).save,
    'not needed: every change is saved, without secrets, readable by you only',
  ),
  verb('resurrect', 'skein resurrect', async () => (await import('./home.ts')).resurrect),
  verb(
    'startup',
    'skein startup',
    async () => (await import('./home.ts')).startup,
    'exit 1 where it prints a command for root instead',
  ),
  verb('unstartup', 'skein unstartup', async () => (await import('./home.ts')).unstartup),
  verb(
    'monit dashboard dash',
    'skein monit',
    async () => (await import('./look.ts')).monit,
    'the list, again and again',
  ),
  verb('kill', 'skein kill', async () => (await import('./home.ts')).kill),
  verb(
    'update updatePM2',
    'skein upgrade',
    async () => (await import('./home.ts')).update,
    'workers are not stopped',
  ),
  verb(
    'scale',
    'skein scale',
    async () => (await import('./operate.ts')).scale,
    '`-1`, `max` and `50%` work; the highest instances go first, and drain',
  ),
  verb('flush', 'skein flush', async () => (await import('./home.ts')).flush),
  verb('reloadLogs', 'skein reload-logs', async () => (await import('./home.ts')).reloadLogs),
  verb(
    'jlist',
    'skein jlist',
    async () => (await import('./look.ts')).jlist,
    '`env` is empty: values are for `env <id>`',
  ),
  verb('prettylist', 'skein jlist', async () => (await import('./look.ts')).prettylist),
  verb(
    'env',
    'skein env',
    async () => (await import('./look.ts')).env,
    'secret-looking values are masked; `skein env --show` prints them',
  ),
  verb('pid', 'skein pid', async () => (await import('./look.ts')).pid),
  verb('id', 'skein id', async () => (await import('./look.ts')).id),
  verb('reset', 'skein reset', async () => (await import('./operate.ts')).reset),
  verb('sendSignal', 'skein signal', async () => (await import('./operate.ts')).sendSignal),
  verb('startOrRestart', 'skein restart <file>', async () => (await import('./files.ts')).startOrRestart),
  verb(
    'startOrReload startOrGracefulReload',
    'skein reload <file>',
    async () => (await import('./files.ts')).startOrReload,
  ),
  verb(
    'ecosystem init',
    'skein init',
    async () => (await import('./home.ts')).ecosystem,
    'never overwrites a file',
  ),
  verb('ping', 'skein ping', async () => (await import('./look.ts')).ping),
  verb('report', 'skein ping', async () => (await import('./look.ts')).report),
  outside('trigger', 'there are no actions in apps; a signal can be sent with `sendSignal`'),
  outside('send attach', 'apps have no stdin'),
  outside('inspect', 'start the app with --node-args=--inspect'),
  outside('slist sysinfos', 'use the tools of the system'),
  outside('deploy', 'use your deployment tool, then `reload`'),
  outside('pull forward backward', 'use git, then `reload`'),
  outside('serve', 'use a web server'),
  outside(
    'install uninstall set get conf config multiset unset module:update module:publish package publish',
    'Skein has no modules',
  ),
  outside(
    'link unlink plus login logout register open web monitor unmonitor',
    'there is no service to link to',
  ),
  outside('autoinstall deepUpdate examples cleardump create', 'there is nothing like it'),
];

const byName = new Map(pm2Verbs.flatMap((entry) => entry.names.map((name) => [name, entry])));

export const findVerb = (name: string): Pm2Verb | undefined => byName.get(name);
