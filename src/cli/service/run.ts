/**
 * `skein resurrect --foreground`: the saved apps as a service of systemd, OpenRC or launchd. The
 * background processes as children of this one, which stays, says how they are, and ends with them.
 *
 *   systemd ◀──systemd-notify── this process ──stdin pipe──▶ holder ──▶ supervisor, workers
 *                                     └────────control API────────────────▲
 */
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { createControlClient } from '../../control/client.ts';
import type { ControlClient } from '../../control/client.ts';
import { SkeinError, asSkeinError } from '../../core/errors.ts';
import { exitCodeOfSignal } from '../../os/signals.ts';
import { bootTied } from '../boot.ts';
import type { Context } from '../context.ts';
import { print } from '../context.ts';
import { failureOf } from '../follow-operations.ts';
import { prepareHome } from '../home-directory.ts';
import { errorText } from '../output/error-text.ts';
import { painterFor } from '../output/style.ts';
import { recallForBoot } from '../recall-secrets.ts';
import { resurrect, savedListOf } from '../resurrect.ts';
import { beat } from './heartbeat.ts';
import { createNotifier } from './notify.ts';
import { tellReady } from './ready.ts';
import { tryAgain } from './try-again.ts';
import { statusOf } from './status.ts';

/** Between two looks at what ends by itself. */
const LOOK_EVERY_MS = 100;
/** Above what draining and killing take: the holder's and our own end. */
const LAST_ACTS_MS = 10_000;

const say = (context: Context, thrown: unknown): void =>
  print(
    context.stderr,
    errorText(asSkeinError(thrown, context.home.supervisorLog), painterFor(context.stderr), true),
  );

const boot = async (context: Context): Promise<ChildProcess> => {
  const { home, env } = context;
  prepareHome(home);
  const kept = await recallForBoot(context);
  const { child, taken } = await bootTied({ home, env, kept });
  if (taken) throw new SkeinError('E_HOME_TAKEN', { home: home.dir });
  return child;
};

/** Brings the saved apps back, and says which do not come up. */
const bringBack = async (context: Context, client: ControlClient, signal: AbortSignal): Promise<void> => {
  try {
    const { operations, refused } = await resurrect(context, client, savedListOf(context));
    for (const error of refused) say(context, error);
    for (const operation of operations)
      void client.follow(operation).then(
        (ended) => {
          if (ended.state === 'succeeded' || signal.aborted) return;
          say(context, failureOf(context, ended));
        },
        () => {},
      );
  } catch (error) {
    // A service without apps, or with some that cannot be, is there for those that are started later.
    say(context, error);
  }
};

/** Those that came back by themselves, as after a crash of the machine, and have failed since. */
const tryFailedAgain = async (client: ControlClient, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  const { apps } = await client.apps([]);
  for (const { name, state } of apps) if (state === 'failed') void tryAgain({ client, app: name, signal });
};

/**
 * A holder that was killed leaves a supervisor and workers behind, which hold the addresses that the
 * next start needs. Where no service manager ends them, this does.
 */
const endWhatIsLeft = async (client: ControlClient): Promise<void> => {
  try {
    await client.shutdown();
    for (;;) {
      await client.ping();
      await pause(LOOK_EVERY_MS);
    }
  } catch {
    // Nobody answers any more.
  }
};

/** What the slowest app may take to end. */
const endWithinMs = async (client: ControlClient): Promise<number> => {
  const { apps } = await client.details([]);
  return Math.max(0, ...apps.map(({ spec }) => spec.drainTimeoutMs + spec.killTimeoutMs)) + LAST_ACTS_MS;
};

const exitOf = async (holder: ChildProcess): Promise<number> => {
  if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit');
  const { exitCode, signalCode } = holder;
  return signalCode === null ? (exitCode ?? 0) : exitCodeOfSignal(signalCode);
};

/** @throws SkeinError what starting Skein throws, and E_HOME_TAKEN */
export const runAsService = async (context: Context): Promise<number> => {
  const warn = (text: string): void => print(context.stderr, `skein: ${text}`);
  const notifier = createNotifier(context.env, warn);
  const holder = await boot(context);
  const client = createControlClient(context.home);
  const over = new AbortController();
  const { signal } = over;

  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      holder.kill(name);
      if (signal.aborted) return;
      over.abort();
      void notifier.tell('STOPPING=1', 'STATUS=the apps drain and stop');
      void endWithinMs(client).then(
        (ms) => notifier.tell(`EXTEND_TIMEOUT_USEC=${ms * 1000}`),
        () => {},
      );
    });
  }
  process.on('SIGHUP', () => void client.reopenLogs().catch((error: unknown) => say(context, error)));
  process.on(
    'SIGUSR2',
    () =>
      void client
        .operate({ verb: 'reload', targets: ['all'] })
        .catch((error: unknown) => say(context, error)),
  );

  const ended = exitOf(holder);
  void ended.then(() => over.abort());
  await bringBack(context, client, signal);
  await tellReady({ client, notifier, signal, isReady: (apps) => statusOf(apps).settled });
  await tryFailedAgain(client, signal).catch((error: unknown) => say(context, error));
  await beat({ home: context.home, holderPid: holder.pid!, notifier, warn, signal });
  const code = await ended;
  if (code !== 0) await endWhatIsLeft(client);
  await notifier.tell('STOPPING=1');
  return code;
};
