/** Brings back the apps of the saved list that are not there. */
import { missingValues, withSecrets } from '../config/hidden-values.ts';
import { defaults } from '../config/defaults.ts';
import type { ControlClient } from '../control/client.ts';
import { exitCodes } from '../core/error-catalogue.ts';
import { SkeinError } from '../core/errors.ts';
import { readSavedList } from '../os/saved-list.ts';
import type { ApplyApp, ApplyRequest, Operation } from '../protocol/control.ts';
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
  readonly operations: readonly Operation[];
  /** Those of the list that were there already. */
  readonly present: readonly string[];
  /** Why apps were not started that ran before; they are there, stopped. */
  readonly refused: readonly SkeinError[];
}

const request = (apps: readonly ApplyApp[], dryRun: boolean): ApplyRequest => ({
  apps,
  stop: 'none',
  atLeast: null,
  dryRun,
});

const asRefusal = (error: unknown): SkeinError => {
  if (error instanceof SkeinError && error.exitCode !== exitCodes.unreachable) return error;
  throw error;
};

interface Sorted {
  readonly apps: readonly ApplyApp[];
  readonly refused: readonly SkeinError[];
}

/**
 * All or nothing is no rule for a reboot. Those that are refused, because what they need is stopped or
 * their log cannot be written, come back stopped; each is tried with those that were accepted before
 * it, and again when one more was.
 */
const acceptable = async (client: Client, wanted: readonly ApplyApp[]): Promise<Sorted> => {
  const accepted = new Set<string>();
  const refused = new Map<string, SkeinError>();
  const withOnly = (names: ReadonlySet<string>): ApplyApp[] =>
    wanted.map((app) => ({ ...app, autostart: names.has(app.spec.name) }));
  const accepts = async (name: string): Promise<boolean> => {
    try {
      await client.apply(request(withOnly(new Set([...accepted, name])), true));
      return true;
    } catch (error) {
      refused.set(name, asRefusal(error));
      return false;
    }
  };
  for (let more = true; more;) {
    more = false;
    for (const { spec, autostart } of wanted) {
      if (!autostart || accepted.has(spec.name) || !(await accepts(spec.name))) continue;
      accepted.add(spec.name);
      refused.delete(spec.name);
      more = true;
    }
  }
  return { apps: withOnly(accepted), refused: [...refused.values()] };
};

type Client = Pick<ControlClient, 'apps' | 'apply'>;

/** @throws SkeinError when Skein cannot be reached, or none of the list can be made known */
export const resurrect = async (context: Context, client: Client, list: SavedList): Promise<Resurrected> => {
  const there = new Set((await client.apps([])).apps.map(({ name }) => name));
  const gone = list.apps.filter(({ spec }) => !there.has(spec.name));
  const present = list.apps.map(({ spec }) => spec.name).filter((name) => there.has(name));
  if (gone.length === 0) return { operations: [], present, refused: [] };
  const known = await recallSecrets(context, gone);
  tellMissing(context, gone, known);
  const wanted = withSecrets(gone, known).map(({ run, spec }): ApplyApp => {
    const missing = missingValues(spec);
    return { spec: { ...defaults, ...spec }, autostart: run, ...(missing !== undefined && { missing }) };
  });
  try {
    return { operations: (await client.apply(request(wanted, false))).operations, present, refused: [] };
  } catch (error) {
    asRefusal(error);
  }
  const { apps, refused } = await acceptable(client, wanted);
  return { operations: (await client.apply(request(apps, false))).operations, present, refused };
};
