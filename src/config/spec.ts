/** The whole spec of a new app: what the user wrote laid over the defaults. */
import type { AppSpec } from '../protocol/app-spec.ts';
import { nameOfScript, readName } from './app-name.ts';
import { applyPatch } from './apply-patch.ts';
import { defaults } from './defaults.ts';
import { inheritedEnv } from './environment.ts';
import type { Draft } from './field.ts';
import { patchFrom } from './patch.ts';
import { findEntry } from './script.ts';
import type { SettingsContext, WrittenSettings } from './settings.ts';
import { flagVariables, readFlags } from './settings.ts';

export interface NewApp {
  /** A path from `context.cwd`, or a program in PATH. */
  readonly script: string;
  readonly name?: string | undefined;
  readonly args: readonly string[];
  readonly settings: WrittenSettings;
}

/**
 * @param env What its user declared, whole.
 * @throws SkeinError what `findEntry` throws, E_USER
 */
export const specOfDraft = (
  draft: Draft & { readonly script: string },
  env: Readonly<Record<string, string>>,
  context: SettingsContext,
): AppSpec => {
  const entry = findEntry(draft.script, draft.interpreter, context);
  const name = draft.name ?? nameOfScript(entry.script);
  const base: AppSpec = {
    ...defaults,
    name,
    args: [],
    cwd: context.cwd,
    shellEnv: inheritedEnv(context.env),
    env,
    // A program has no seam that could tell that it listens.
    ready: entry.kind === 'node' ? { kind: 'listening' } : { kind: 'started' },
    ...entry,
  };
  const { interpreter: _, ...patch } = patchFrom(draft, name);
  return applyPatch(base, patch);
};

/** @throws SkeinError what `specOfDraft`, `readName` and `readFlags` throw, E_ENV_FILE */
export const specOf = (app: NewApp, context: SettingsContext): AppSpec => {
  const draft = readFlags(app.settings, context);
  const { script, args } = app;
  const name = app.name === undefined ? undefined : readName(app.name);
  return specOfDraft(
    { ...draft, script, args, ...(name !== undefined && { name }) },
    flagVariables(draft),
    context,
  );
};
