/** What `reload`, `restart` and `start <name>` change of an app that is known already. */
import type { SpecPatch } from '../protocol/control.ts';
import type { SettingsContext, WrittenSettings } from './settings.ts';
import { readSettings } from './settings.ts';

/** The patch, or undefined when nothing was written. `args` is undefined when there was no `--`. */
export const patchOf = (
  written: WrittenSettings,
  args: readonly string[] | undefined,
  context: SettingsContext,
): SpecPatch | undefined => {
  const patch: SpecPatch = { ...readSettings(written, context), ...(args !== undefined && { args }) };
  return Object.keys(patch).length === 0 ? undefined : patch;
};
