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
import type { Notifier } from './notify.ts';
import { createNotifier } from './notify.ts';
import { tryAgain } from './try-again.ts';
import { statusOf } from './status.ts';

/** How often is looked whether all apps are up. */
const LOOK_EVERY_MS = 250;
/** systemd waits this much longer than it was told in the unit, as long as we say so. */
const LONGER_MS = 60_000;
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

/** Brings the saved apps back and goes on trying those that do not come up. */
const bringBack = async (context: Context, client: ControlClient, signal: AbortSignal): Promise<void> => {
  try {
    const { applied } = await resurrect(context, client, savedListOf(context));
    for (const operation of applied.operations)
      void client.follow(operation).then(
        (ended) => {
          if (ended.state === 'succeeded' || signal.aborted) return;
          say(context, failureOf(context, ended));
          void tryAgain({ client, app: ended.app, signal });
        },
        () => {},
      );
  } catch (error) {
    // A service without apps, or with some that cannot be, is there for those that are started later.
    say(context, error);
  }
};

/** Tells systemd that the service is up when no app is on its way any more. */
const tellReady = async (client: ControlClient, notifier: Notifier, signal: AbortSignal): Promise<void> => {
  if (!notifier.active) return;
  let extendAt = 0;
  while (!signal.aborted) {
    const status = await client.apps([]).then(
      ({ apps }) => statusOf(apps),
      () => ({ settled: false, text: 'the supervisor does not answer' }),
    );
    if (status.settled) return await notifier.tell('READY=1', `STATUS=${status.text}`);
    if (performance.now() >= extendAt) {
      extendAt = performance.now() + LONGER_MS / 4;
      await notifier.tell(`STATUS=${status.text}`, `EXTEND_TIMEOUT_USEC=${LONGER_MS * 1000}`);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
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
  await tellReady(client, notifier, signal);
  await beat({ home: context.home, holderPid: holder.pid!, notifier, warn, signal });
  const code = await ended;
  await notifier.tell('STOPPING=1');
  return code;
};
