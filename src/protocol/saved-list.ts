/**
 * The saved list, `apps.json`: which apps there are, with all their settings, and which of them are
 * to run. The supervisor writes it; a new one and `skein resurrect` read it. Values of
 * secret-looking variables are not in it (src/config/hidden-values.ts).
 */
import type { AppSpec } from './app-spec.ts';

export interface SavedApp {
  /** false: it comes back stopped. */
  readonly run: boolean;
  readonly spec: AppSpec;
}

export interface SavedList {
  readonly format: 1;
  readonly apps: readonly SavedApp[];
}

const isSavedApp = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { run, spec } = value as Partial<SavedApp>;
  return typeof run === 'boolean' && typeof spec === 'object' && typeof spec?.name === 'string';
};

/** @throws Error that says why it is no list of this version */
export const parseSavedList = (text: string): SavedList => {
  const list = JSON.parse(text) as Partial<SavedList> | null;
  if (typeof list !== 'object' || list === null) throw new Error('it is no list of apps');
  if (list.format !== 1) throw new Error(`its format is ${JSON.stringify(list.format) ?? 'not said'}, not 1`);
  if (!Array.isArray(list.apps) || !list.apps.every(isSavedApp)) throw new Error('it is no list of apps');
  return list as SavedList;
};
