/**
 * `skein run`: one app in the foreground, for containers and systemd. The same processes as in the
 * background, as children of this one, and they end with it. Exits as the app does.
 *
 *   skein run ──stdin pipe──▶ holder ──▶ supervisor, workers
 *      └────────control API────────────────▲
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { WrittenSettings } from '../../config/settings.ts';
import { checkCronOf } from '../../config/patch.ts';
import { specOf } from '../../config/spec.ts';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import { isGone } from '../../control/client/retry.ts';
import type { SkeinError } from '../../core/errors.ts';
import { asSkeinError } from '../../core/errors.ts';
import { exitCodeOfSignal } from '../../os/signals.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { Context, Run } from '../context.ts';
import { print } from '../context.ts';
import { failureOf } from '../follow-operations.ts';
import type { Foreground } from '../foreground.ts';
import { startForeground } from '../foreground.ts';
import { errorText } from '../output/error-text.ts';
import { painterFor } from '../output/style.ts';
import { isNothingThere } from '../running.ts';
import { settingsContext } from '../settings-context.ts';

export interface RunOptions extends WrittenSettings {
  readonly name?: string;
}

const LAST_WORD_MS = 1000;

/** How the app ended; undefined when that is not known, because the background processes went away. */
type Outcome = { readonly exitCode: number | null; readonly failure: SkeinError | null } | undefined;

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

/** Starts the app and waits until it has come to its end. */
const live = async (
  context: Context,
  client: ControlClient,
  spec: AppSpec,
  signal: AbortSignal,
): Promise<Outcome> => {
  let failure: SkeinError | null = null;
  try {
    const { operations } = await client.start({ spec });
    for (const operation of operations) {
      const ended = await client.follow(operation);
      if (ended.state === 'failed') failure = failureOf(context, ended);
    }
    return { exitCode: (await client.waitStopped(spec.name, signal)).exitCode, failure };
  } catch (thrown) {
    const error = asSkeinError(thrown, context.home.supervisorLog);
    // A shutdown takes the supervisor away, and the app with it.
    if (isGone(error) || isNothingThere(error) || error.code === 'E_UNKNOWN_APP') return undefined;
    return { exitCode: null, failure: error };
  }
};

/** The app's own code; where a stop was asked for, dying of the stop signal is success. */
const exitCodeFor = (outcome: Outcome, spec: AppSpec, asked: boolean): number | undefined => {
  if (outcome === undefined) return undefined;
  const { exitCode, failure } = outcome;
  if (asked && exitCode === exitCodeOfSignal(spec.stopSignal as NodeJS.Signals)) return 0;
  return exitCode || (asked ? 0 : (failure?.exitCode ?? 0));
};

/** What the supervisor said last may still be on its way; one that has lost its holder says nothing. */
const lastWord = async (life: Promise<Outcome>, over: AbortController): Promise<Outcome> => {
  const outcome = await Promise.race([life, pause(LAST_WORD_MS, undefined, { signal: over.signal })]);
  over.abort();
  return outcome;
};

export const run: Run<RunOptions> = async (context, [script = ''], options) => {
  const { name } = options;
  const spec = specOf(
    { script, name, args: context.appArgs ?? [], settings: options },
    settingsContext(context),
  );
  await checkCronOf(spec);
  const foreground = await startForeground(context);
  const client = createControlClient(foreground.home);
  let asked = false;
  passSignalsOn(context, foreground, client, () => {
    asked = true;
  });
  const over = new AbortController();
  const life = live(context, client, spec, over.signal);
  const first = await Promise.race([life, foreground.ended.then(() => 'holder ended' as const)]);
  const outcome = first === 'holder ended' ? await lastWord(life, over) : first;
  if (outcome?.failure && !asked) say(context, outcome.failure);
  if (first !== 'holder ended' && !asked)
    await client.shutdown().catch(() => foreground.holder.kill('SIGTERM'));
  const holderCode = await foreground.ended;
  return exitCodeFor(outcome, spec, asked) ?? holderCode;
};
