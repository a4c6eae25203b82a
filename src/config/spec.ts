/** The whole spec of a new app: what the user wrote laid over the defaults. */
import type { AppSpec } from '../protocol/app-spec.ts';
import { nameOfScript, readName } from './app-name.ts';
import { applyPatch } from './apply-patch.ts';
import { balancerOf } from './balance/balancer.ts';
import type { BalancerDraft } from './balance/balancer-draft.ts';
import { checkCertificate } from './balance/certificates.ts';
import { defaults } from './defaults.ts';
import { inheritedEnv } from './environment.ts';
import type { Draft } from './field.ts';
import { patchFrom } from './patch.ts';
import type { KeyPath, Place } from './place.ts';
import type { Entry } from './script.ts';
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

/** A script, or what a balancer is to do. */
export type Runnable = { readonly script: string } | { readonly balancer: BalancerDraft };

/** What the supervisor knows its own script by; where that is, is its own affair. */
const BALANCER: Entry = { kind: 'node', script: 'skein:balancer', interpreter: null };

/** `--balance-by`, for what has been written as flags. */
const flagOf = (path: KeyPath): Place => `--${path.join('-')}`;

/**
 * @param env What its user declared, whole.
 * @param placeOf Of a setting, for errors that concern several.
 * @throws SkeinError what `findEntry` and `balancerOf` throw, E_USER, E_CERTIFICATE
 */
export const specOfDraft = (
  draft: Draft & Runnable,
  env: Readonly<Record<string, string>>,
  context: SettingsContext,
  placeOf: (path: KeyPath) => Place = flagOf,
): AppSpec => {
  const { balancer } = draft;
  const entry = draft.script === undefined ? BALANCER : findEntry(draft.script, draft.interpreter, context);
  const name = draft.name ?? (balancer === undefined ? nameOfScript(entry.script) : 'balancer');
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
    ...(balancer !== undefined && {
      ready: { kind: 'message' },
      balancer: balancerOf(balancer, (path) => placeOf(['balancer', ...path])),
    }),
  };
  const { interpreter: _, ...patch } = patchFrom(draft, name, (setting) => placeOf(['balance', setting]));
  for (const pair of patch.balance?.front?.tls?.certificates ?? [])
    checkCertificate(placeOf(['balance', 'tls']), pair);
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
