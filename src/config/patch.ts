/** What `reload`, `restart` and `start <name>` change of an app that is known already. */
import type { SpecPatch } from '../protocol/control.ts';
import { checkCron } from './cron.ts';
import type { Draft } from './field.ts';
import { checkPool } from './balance/check.ts';
import type { Place } from './place.ts';
import { runAsOf } from './run-as.ts';
import type { SettingsContext, WrittenSettings } from './settings.ts';
import { flagVariables, readFlags } from './settings.ts';

type PlaceOf = (setting: string) => Place;

const flagOf: PlaceOf = (setting) => `--balance-${setting}`;

/**
 * What of a draft a spec has under the same name.
 * @param app How an error names the app.
 * @param placeOf Of a setting of `balance`.
 * @throws SkeinError E_USER, E_BAD_VALUE, E_CONFIG_VALUE
 */
export const patchFrom = (draft: Draft, app: string, placeOf: PlaceOf = flagOf): SpecPatch => {
  const { name: _name, script: _script, variables: _variables, envFiles: _envFiles, ...rest } = draft;
  const { inheritEnv: _inheritEnv, user, group, autostart: _autostart, balancer: _balancer, ...patch } = rest;
  checkPool(patch.balance?.pool, placeOf);
  if (user === undefined && group === undefined) return patch;
  const names = { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
  return { ...patch, runAs: runAsOf(names, app) };
};

/**
 * The patch, or undefined when nothing was written. `args` is undefined when there was no `--`.
 * @throws SkeinError what `readFlags` throws, E_ENV_FILE, E_USER
 */
export const patchOf = (
  written: WrittenSettings,
  args: readonly string[] | undefined,
  context: SettingsContext,
): SpecPatch | undefined => {
  const draft = readFlags(written, context);
  const declares = draft.variables !== undefined || draft.envFiles !== undefined;
  const patch: SpecPatch = {
    ...patchFrom(draft, 'the app'),
    ...(declares && { setEnv: flagVariables(draft) }),
    ...(args !== undefined && { args }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
};

/** @throws SkeinError E_CRON, for what `--cron` and `--cron-time-zone` say */
export const checkCronOf = async ({ cron }: Pick<SpecPatch, 'cron'>): Promise<void> => {
  if (cron === undefined || cron === null) return;
  await checkCron({ timeZone: null, expression: '0 0 * * *', ...cron }, '--cron');
};
