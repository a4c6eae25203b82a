/**
 * Apps in the foreground: the same processes as in the background, as children of this one, and they
 * end with it. Exits as the app does, or as the first of several that failed.
 *
 *   skein run ──stdin pipe──▶ holder ──▶ supervisor, workers
 *      └────────control API────────────────▲
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../control/client.ts';
import { createControlClient } from '../control/client.ts';
import { isGone } from '../control/client/retry.ts';
import type { SkeinError } from '../core/errors.ts';
import { asSkeinError } from '../core/errors.ts';
import { exitCodeOfSignal } from '../os/signals.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { Accepted, ApplyApp, Operation } from '../protocol/control.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';
import { failureOf } from './follow-operations.ts';
import type { Foreground } from './foreground.ts';
import { startForeground } from './foreground.ts';
import { errorText } from './output/error-text.ts';
import { painterFor } from './output/style.ts';
import { isNothingThere } from './running.ts';

const LAST_WORD_MS = 1000;

/** How the app ended; undefined when that is not known, because the background processes went away. */
type Outcome =
  | {
      readonly exitCode: number | null;
      readonly failure: SkeinError | null;
      /** Whether the failure has been told. */
      readonly told: boolean;
    }
  | undefined;

const say = (context: Context, error: SkeinError): void =>
  print(context.stderr, errorText(error, painterFor(context.stderr), true));

/** Passes on what this process is told. The holder is in a session of its own, so each signal reaches it once. */
const passSignalsOn = (
  context: Context,
  { holder }: Foreground,
  client: ControlClient,
  onEnd: () => void,
): void => {
  const ask = (request: () => Promise<unknown>) => (): void => {
    request().catch((error: unknown) => say(context, asSkeinError(error, context.home.supervisorLog)));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      onEnd();
      holder.kill(signal);
    });
  }
  process.on(
    'SIGHUP',
    ask(() => client.reopenLogs()),
  );
  process.on(
    'SIGUSR2',
    ask(() => client.operate({ verb: 'reload', targets: ['all'] })),
  );
};

/** A script is a new app; what a file has may be known already in this home. */
const ask = async (client: ControlClient, apps: readonly ApplyApp[]): Promise<Accepted> => {
  const [first] = apps;
  return first !== undefined && first.spec.source === null
    ? await client.start({ spec: first.spec })
    : await client.apply({ apps, stop: 'none', atLeast: null, dryRun: false });
};

/** The first of these; what goes wrong with one of several is told at once, since the others go on. */
const failureIn = (
  context: Context,
  operations: readonly Operation[],
  isOneOfSeveral: boolean,
): SkeinError | null => {
  const failures = operations
    .filter(({ state }) => state === 'failed')
    .map((operation) => failureOf(context, operation));
  if (isOneOfSeveral) for (const failure of failures) say(context, failure);
  return failures[0] ?? null;
};

/** Starts the apps and waits until they have come to their end. */
const live = async (
  context: Context,
  client: ControlClient,
  apps: readonly ApplyApp[],
  signal: AbortSignal,
): Promise<Outcome> => {
  let failure: SkeinError | null = null;
  try {
    const { operations } = await ask(client, apps);
    const ended = operations.map(async (operation) => await client.follow(operation));
    failure = failureIn(context, await Promise.all(ended), apps.length > 1);
    const codes = await Promise.all(
      apps
        .filter(({ autostart }) => autostart)
        .map(async ({ spec }) => (await client.waitStopped(spec.name, signal)).exitCode),
    );
    return {
      exitCode: codes.find((code) => code !== null && code !== 0) ?? codes[0] ?? null,
      failure,
      told: apps.length > 1,
    };
  } catch (thrown) {
    const error = asSkeinError(thrown, context.home.supervisorLog);
    // A shutdown takes the supervisor away, and the app with it.
    if (isGone(error) || isNothingThere(error) || error.code === 'E_UNKNOWN_APP') return undefined;
    return { exitCode: null, failure: error, told: false };
  }
};

/** The app's own code; where a stop was asked for, dying of the stop signal is success. */
const exitCodeFor = (
  outcome: Outcome,
  stopSignals: readonly AppSpec['stopSignal'][],
  asked: boolean,
): number | undefined => {
  if (outcome === undefined) return undefined;
  const { exitCode, failure } = outcome;
  const isOfStop = (signal: string): boolean => exitCode === exitCodeOfSignal(signal as NodeJS.Signals);
  if (asked && stopSignals.some(isOfStop)) return 0;
  return exitCode || (asked ? 0 : (failure?.exitCode ?? 0));
};

/** What the supervisor said last may still be on its way; one that has lost its holder says nothing. */
const lastWord = async (life: Promise<Outcome>, over: AbortController): Promise<Outcome> => {
  const outcome = await Promise.race([life, pause(LAST_WORD_MS, undefined, { signal: over.signal })]);
  over.abort();
  return outcome;
};

/** Runs them until they end, or a signal ends them; the exit code. */
export const runApps = async (context: Context, apps: readonly ApplyApp[]): Promise<number> => {
  const foreground = await startForeground(context);
  const client = createControlClient(foreground.home);
  let asked = false;
  passSignalsOn(context, foreground, client, () => {
    asked = true;
  });
  if (context.env['NOTIFY_SOCKET'] !== undefined) {
    const { announce } = await import('./service/announce.ts');
    void announce(context, foreground, client);
  }
  const over = new AbortController();
  const life = live(context, client, apps, over.signal);
  const first = await Promise.race([life, foreground.ended.then(() => 'holder ended' as const)]);
  const outcome = first === 'holder ended' ? await lastWord(life, over) : first;
  if (outcome?.failure && !asked && !outcome.told) say(context, outcome.failure);
  if (first !== 'holder ended' && !asked)
    await client.shutdown().catch(() => foreground.holder.kill('SIGTERM'));
  const holderCode = await foreground.ended;
  return (
    exitCodeFor(
      outcome,
      apps.map(({ spec }) => spec.stopSignal),
      asked,
    ) ?? holderCode
  );
};
