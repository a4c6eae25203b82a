/** Brings back the apps of the saved list that are not there. */
import { missingValues, withSecrets } from '../config/hidden-values.ts';
import { defaults } from '../config/defaults.ts';
import type { ControlClient } from '../control/client.ts';
import { SkeinError } from '../core/errors.ts';
import { readSavedList } from '../os/saved-list.ts';
import type { Applied, ApplyApp } from '../protocol/control.ts';
import type { SavedList } from '../protocol/saved-list.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';
import { recallSecrets, tellMissing } from './recall-secrets.ts';

/** @throws SkeinError E_NOTHING_SAVED */
export const savedListOf = (context: Context): SavedList => {
  const { appsFile, dir } = context.home;
  const { list, problem } = readSavedList(appsFile);
  if (problem !== null)
    print(
      context.stderr,
      `skein: ${appsFile} is not readable (${problem})${list === null ? '' : '; the list before it is used'}.`,
    );
  if (list === null || list.apps.length === 0) throw new SkeinError('E_NOTHING_SAVED', { home: dir });
  return list;
};

export interface Resurrected {
  readonly applied: Applied;
  /** Those of the list that were there already. */
  readonly present: readonly string[];
}

/** @throws SkeinError what the control API refuses */
export const resurrect = async (
  context: Context,
  client: ControlClient,
  list: SavedList,
): Promise<Resurrected> => {
  const there = new Set((await client.apps([])).apps.map(({ name }) => name));
  const gone = list.apps.filter(({ spec }) => !there.has(spec.name));
  const present = list.apps.map(({ spec }) => spec.name).filter((name) => there.has(name));
  if (gone.length === 0) return { applied: { plan: [], leftAlone: [], operations: [] }, present };
  const known = await recallSecrets(context, gone);
  tellMissing(context, gone, known);
  const apps = withSecrets(gone, known).map(({ run, spec }): ApplyApp => {
    const missing = missingValues(spec);
    return { spec: { ...defaults, ...spec }, autostart: run, ...(missing !== undefined && { missing }) };
  });
  const applied = await client.apply({ apps, stop: 'none', atLeast: null, dryRun: false });
  return { applied, present };
};
