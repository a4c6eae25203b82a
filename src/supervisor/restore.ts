/**
 * What a new supervisor begins with: the state file, or the saved list where that is missing or
 * damaged, with the secrets that the holder kept. Under a new holder (after a reboot, or when
 * everything was killed) nothing of what ran is there any more, and all that was wanted begins anew.
 */
import { renameSync } from 'node:fs';
import { missingVariables, withSecrets } from '../config/hidden-values.ts';
import { defaults } from '../config/defaults.ts';
import type { Home } from '../os/home.ts';
import { readSavedList } from '../os/saved-list.ts';
import type { ChildInfo } from '../protocol/holder.ts';
import type { SavedApp } from '../protocol/saved-list.ts';
import { NOTHING } from './accounting.ts';
import { companionOf, frontOf } from './balancing/companion-spec.ts';
import type { Welcome } from './holder-client.ts';
import { savedApp } from './saved-list.ts';
import type { AppRecord, State } from './store.ts';
import { NOTHING_SAVED, loadState } from './store.ts';

export interface Restored {
  readonly state: State;
  /** One line each, for people. */
  readonly notes: readonly { readonly app: string | null; readonly text: string }[];
}

/** Its record, with the number of the generation that its workers have, so that they stay. */
const recordOf = ({ run, spec }: SavedApp, children: readonly ChildInfo[]): AppRecord => {
  const numbers = children.filter(({ tag }) => tag.app === spec.name).map(({ tag }) => tag.generation);
  const number = Math.max(1, ...numbers);
  return {
    name: spec.name,
    run,
    current: { number, spec: { ...defaults, ...spec } },
    previous: null,
    lastGeneration: number,
    established: true,
    failure: null,
    underWay: null,
    totals: NOTHING,
  };
};

/** An app whose processes are all gone: what it was to be, without what had happened to it. */
export const begunAnew = (record: AppRecord): AppRecord | null => {
  const saved = savedApp(record);
  // Its app starts it anew.
  if (saved === null || frontOf(saved.spec) !== null) return null;
  const { underWay } = record;
  const change = underWay?.change;
  const back = change?.kind === 'rollout' ? change.back : record;
  const current = change?.kind === 'settings' ? { ...record.current, spec: change.from } : back.current;
  const { ids } = record;
  return {
    name: record.name,
    run: saved.run,
    ...(ids !== undefined && { ids }),
    // What it depends on is on its way up as well.
    ...(back.current.spec.dependsOn.length > 0 && { waits: 'boot' as const }),
    current,
    previous: back.previous,
    lastGeneration: record.lastGeneration,
    established: true,
    failure: null,
    underWay: null,
    totals: NOTHING,
  };
};

const anew = (state: State): State => ({
  ...state,
  apps: state.apps.map(begunAnew).filter((record) => record !== null),
});

type Loaded = State | { readonly problem: string };

const tryLoad = (file: string): Loaded | null => {
  try {
    return loadState(file);
  } catch (error) {
    return { problem: (error as Error).message };
  }
};

const fromList = (home: Home, children: readonly ChildInfo[]): State => {
  const { list } = readSavedList(home.appsFile);
  const apps = (list?.apps ?? []).flatMap((app) => {
    // What stands before it is in no list, and may run.
    const companion = companionOf({ ...defaults, ...app.spec });
    const runs = children.some(({ tag }) => tag.app === companion?.name);
    return companion !== null && runs ? [app, { run: app.run, spec: companion }] : [app];
  });
  return { ...NOTHING_SAVED, apps: apps.map((app) => recordOf(app, children)) };
};

/** A state file that cannot be read is kept aside. */
const instead = (home: Home, problem: string, children: readonly ChildInfo[]): Restored => {
  const aside = `${home.stateFile}.unreadable`;
  renameSync(home.stateFile, aside);
  const state = fromList(home, children);
  const apps = state.apps.filter(({ current }) => frontOf(current.spec) === null).length;
  const text = `the state file was not readable (${problem}) and has been set aside as ${aside}; ${apps} apps come from the saved list`;
  return { state, notes: [{ app: null, text }] };
};

const load = (home: Home, { children }: Welcome): Restored => {
  const loaded = tryLoad(home.stateFile);
  if (loaded !== null && 'problem' in loaded) return instead(home, loaded.problem, children);
  if (loaded !== null) return { state: loaded, notes: [] };
  if (children.length === 0) return { state: NOTHING_SAVED, notes: [] };
  const text = 'the state file is gone; what runs is compared with the saved list';
  return { state: fromList(home, children), notes: [{ app: null, text }] };
};

/** Throws when a state file that is not readable cannot be set aside. */
export const restore = (home: Home, welcome: Welcome): Restored => {
  const { foreground, children, kept = {}, startedAt } = welcome;
  // `skein run` begins anew: what an earlier container left behind is not to come up beside it.
  if (foreground && children.length === 0) return { state: NOTHING_SAVED, notes: [] };
  const { state, notes } = load(home, welcome);
  const known = withSecrets(state, kept);
  const isNew = children.length === 0 && state.holder !== startedAt;
  const now = isNew ? anew(known) : known;
  const missing = now.apps.flatMap(({ name, current }) => {
    const names = missingVariables(current.spec);
    return names.length === 0 ? [] : [{ app: name, text: missingText(names) }];
  });
  return { state: now, notes: [...notes, ...missing] };
};

const missingText = (names: readonly string[]): string =>
  `runs without ${names.join(', ')}: secrets are not saved, and nothing at hand has ${names.length === 1 ? 'its value' : 'their values'}`;
