/**
 * The hooks of one app: which of them is to run is read from its record, so that the next
 * supervisor runs it again if this one is killed over it.
 */
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import { appEnv } from './app-env.ts';
import type { App } from './app.ts';
import { hookRan, hookRuns, undo } from './changes.ts';
import type { Hook, HookOutcome } from './hook-runner.ts';
import type { AppRecord } from './store.ts';

export interface WantedHook {
  /** The same for as long as it is the same run of the same hook. */
  readonly key: string;
  readonly when: 'before' | 'after';
  readonly command: string;
  /** The settings that are rolled out. */
  readonly spec: AppSpec;
  readonly generation: number;
}

/** Pure. */
export const wantedHook = ({ underWay, current, lastGeneration }: AppRecord): WantedHook | null => {
  if (underWay === null || underWay.undo !== null) return null;
  const { change, operation } = underWay;
  if (change.kind === 'prepare') {
    const { to: spec } = change;
    const key = `${operation.id} before`;
    return { key, when: 'before', command: spec.hooks.before ?? '', spec, generation: lastGeneration + 1 };
  }
  if (change.kind !== 'rollout' || change.after !== 'runs') return null;
  const { number: generation, spec } = current;
  return { key: `${operation.id} after`, when: 'after', command: spec.hooks.after ?? '', spec, generation };
};

const hookError = (
  app: string,
  hook: string,
  { how, output }: Exclude<HookOutcome, { ok: true }>,
): ErrorData => new SkeinError('E_HOOK', { app, hook, how }, output === '' ? {} : { output }).toData();

export class HookRun {
  readonly #app: App;
  #running: { readonly key: string; readonly abort: AbortController } | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  /** Begins what the record wants, and ends what it no longer wants. */
  follow(): void {
    const wanted = wantedHook(this.#app.record);
    if (wanted?.key === this.#running?.key) return;
    this.#running?.abort.abort();
    this.#running = null;
    if (wanted !== null) this.#run(wanted);
  }

  #run({ key, when, command, spec, generation }: WantedHook): void {
    const { around, name } = this.#app;
    const abort = new AbortController();
    this.#running = { key, abort };
    around.emit({ kind: 'hook-started', app: name, text: `the ${when} hook runs` });
    const env = {
      ...appEnv(spec, around.places.stateSocket),
      SKEIN_HOOK: when,
      SKEIN_GENERATION: String(generation),
    };
    const { cwd, runAs, hooks } = spec;
    const hook: Hook = {
      command,
      cwd,
      env,
      timeoutMs: hooks.timeoutMs,
      runAs,
      signal: abort.signal,
      onStart: (pid) => {
        if (abort.signal.aborted) return;
        this.#app.record = hookRuns(this.#app.record, pid);
        around.changed();
      },
    };
    const left = this.#app.record.underWay?.hookPid ?? null;
    const run = left === null ? around.runHook(hook) : around.endHook(left).then(() => around.runHook(hook));
    void run.then((outcome) => {
      // Another command has come in between, or the rollout has failed without it.
      const dropped = abort.signal.aborted;
      const how = outcome.ok ? 'went well' : dropped ? 'was ended' : `failed with ${outcome.how}`;
      around.emit({ kind: 'hook-ended', app: name, text: `the ${when} hook ${how}` });
      if (!dropped) this.#ended(when, outcome);
    });
  }

  #ended(when: WantedHook['when'], outcome: HookOutcome): void {
    const app = this.#app;
    this.#running = null;
    app.take(outcome.ok ? hookRan(app.record) : undo(app.record, hookError(app.name, when, outcome)));
    app.around.changed();
    app.reconcile();
  }
}
