/** From the apps of a config file to what the supervisor is told, with where each value comes from. */
import type { ErrorCode } from '../core/error-catalogue.ts';
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ApplyApp } from '../protocol/control.ts';
import type { AppTarget } from './balance/balancer.ts';
import { appTargets } from './balance/balancer.ts';
import { checkCron } from './cron.ts';
import { declaredEnv, inheritedBy } from './declared-env.ts';
import { dependencyProblems } from './depends-on.ts';
import { layOver } from './draft.ts';
import type { Draft, ReadContext, Variables } from './field.ts';
import { logFileProblem } from './log-file.ts';
import type { FilePlace, Place } from './place.ts';
import { positionText } from './place.ts';
import type { WrittenSettings } from './settings.ts';
import { flagFields, flagVariables, readFlags } from './settings.ts';
import type { Runnable } from './spec.ts';
import { specOfDraft } from './spec.ts';
import { didYouMean } from './suggest.ts';
import { badValue } from './values.ts';
import type { ReadApp, WrittenApp } from './written.ts';
import { placed, readApp } from './written.ts';

export interface ResolveOptions {
  /** Absolute path of the file; null: it is none, and nothing can be equal to it. */
  readonly source: string | null;
  /** How messages name it. */
  readonly shown: string;
  /** Where its relative paths start. */
  readonly dir: string;
  /** `--env production` */
  readonly profile?: string | undefined;
  /** Flags, laid over what the file says of every app; their relative paths start in `context.cwd`. */
  readonly settings?: WrittenSettings;
  /** What stands behind `--`. */
  readonly args?: readonly string[] | undefined;
}

export interface ResolvedApp {
  readonly app: ApplyApp;
  /** Where it stands. */
  readonly place: FilePlace;
  /** By dotted name, as in docs/config.md: a place in a file, or a flag. What is not there is the default. */
  readonly origins: ReadonlyMap<string, Place>;
  /** Of each declared variable. */
  readonly envOrigins: ReadonlyMap<string, Place>;
}

export interface Resolved {
  /** Those with which nothing is wrong. */
  readonly apps: readonly ResolvedApp[];
  readonly problems: readonly SkeinError[];
  /** What routes lead to that is not in the file: it may run. */
  readonly elsewhere: readonly AppTarget[];
}

interface Flags {
  readonly draft: Draft;
  readonly variables: Variables;
  readonly origins: ReadonlyMap<string, Place>;
}

const readAllFlags = ({ settings = {}, args }: ResolveOptions, context: ReadContext): Flags => {
  const draft = { ...readFlags(settings, context), ...(args !== undefined && { args }) };
  const origins = flagFields.flatMap(({ path, name, long }) =>
    settings[name] === undefined ? [] : [[path, long] as const],
  );
  return { draft, variables: flagVariables(draft), origins: new Map(origins) };
};

const checkProfile = (apps: readonly ReadApp[], { profile, shown }: ResolveOptions): void => {
  if (profile === undefined || apps.some(({ profiles }) => profiles.has(profile))) return;
  const known = [...new Set(apps.flatMap(({ profiles }) => [...profiles.keys()]))];
  const suggestion =
    didYouMean(profile, known) || (known.length > 0 ? ` It has ${known.toSorted().join(', ')}.` : '');
  throw new SkeinError('E_NO_PROFILE', { file: shown, profile, suggestion });
};

/** The setting at fault, for errors that do not say where it stands. */
const settingOf: Partial<Record<ErrorCode, string>> = {
  E_USER: 'user',
  E_NO_INTERPRETER: 'interpreter',
  E_CRON: 'cron',
};

const originOf = ({ origins }: ReadApp, app: WrittenApp, key: string): FilePlace =>
  origins.get(key) ?? app.place([]);

const checkLogs = (read: ReadApp, app: WrittenApp, { name, logs }: AppSpec): void => {
  for (const stream of ['out', 'err', 'combined'] as const) {
    const path = logs[stream];
    const reason = path === null ? undefined : logFileProblem(path);
    if (path === null || reason === undefined) continue;
    throw placed(
      new SkeinError('E_LOG_FILE', { app: name, path, reason }),
      originOf(read, app, `logs.${stream}`),
    );
  }
};

/** What is run. One of the two is there, for `readApp` says when neither is. */
const runnable = ({ script, balancer }: Draft): Runnable =>
  balancer === undefined ? { script: script ?? '' } : { balancer };

/** One app whole. Throws the first thing that is wrong, with its place. */
const resolveApp = async (
  read: ReadApp & { readonly draft: Runnable },
  written: WrittenApp,
  flags: Flags,
  { dir, source, profile }: ResolveOptions,
  context: ReadContext,
): Promise<ResolvedApp> => {
  const { variables: _variables, envFiles: _envFiles, ...flagDraft } = flags.draft;
  const draft = { ...layOver(read.draft, flagDraft), ...runnable(read.draft) };
  try {
    const env = declaredEnv({
      draft: read.draft,
      profile:
        profile === undefined ? undefined : { name: profile, variables: read.profiles.get(profile) ?? {} },
      flags,
      place: (path) => (path.length === 1 ? originOf(read, written, String(path[0])) : written.place(path)),
      cwd: context.cwd,
    });
    const spec = specOfDraft(draft, env.values, { ...context, cwd: dir }, written.place);
    checkLogs(read, written, spec);
    if (spec.cron !== null) await checkCron(spec.cron, originOf(read, written, 'cron'));
    const shellEnv = inheritedBy(spec.shellEnv, draft.inheritEnv ?? true, env.removed);
    return {
      app: { spec: { ...spec, source, shellEnv }, autostart: draft.autostart ?? true },
      place: { ...originOf(read, written, 'name'), key: written.place(['name']).key },
      origins: new Map<string, Place>([...read.origins, ...flags.origins]),
      envOrigins: env.origins,
    };
  } catch (error) {
    const setting = (error instanceof SkeinError && settingOf[error.code]) || 'script';
    const known = setting === 'user' && !read.origins.has('user') ? 'group' : setting;
    throw placed(error, originOf(read, written, known));
  }
};

const twinProblems = (apps: readonly ResolvedApp[]): SkeinError[] =>
  apps.flatMap(({ app: { spec }, place }, nth) => {
    const twin = apps.slice(0, nth).find((other) => other.app.spec.name === spec.name);
    return twin === undefined
      ? []
      : [badValue(place, spec.name, `a name of its own: see ${positionText(twin.place)}`, `${spec.name}-2`)];
  });

const circleProblems = (apps: readonly ResolvedApp[]): SkeinError[] =>
  dependencyProblems(
    apps.map(({ app: { spec }, origins, place }) => ({
      name: spec.name,
      dependsOn: spec.dependsOn.map(({ app }) => app),
      place: origins.get('dependsOn') ?? place,
    })),
  );

/** Two balancers of a file cannot listen at one address. */
const addressProblems = (apps: readonly ResolvedApp[]): SkeinError[] => {
  const taken = new Map<string, string>();
  return apps.flatMap(({ app: { spec }, place, origins }) =>
    (spec.balancer?.listen ?? []).flatMap(({ address }) => {
      const by = taken.get(address);
      taken.set(address, spec.name);
      const expected = `free: ${by} listens there`;
      return by === undefined
        ? []
        : [badValue(origins.get('balancer.listen') ?? place, address, expected, '127.0.0.1:8081')];
    }),
  );
};

/**
 * @throws SkeinError E_NO_PROFILE, and what is wrong with flags; what is wrong with apps is in the result
 */
export const resolveApps = async (
  written: readonly WrittenApp[],
  options: ResolveOptions,
  context: ReadContext,
): Promise<Resolved> => {
  const flags = readAllFlags(options, context);
  const reads = written.map((app) => ({ app, read: readApp(app, { ...context, cwd: options.dir }) }));
  checkProfile(
    reads.map(({ read }) => read),
    options,
  );
  const apps: ResolvedApp[] = [];
  const targets: AppTarget[] = [];
  const problems = reads.flatMap(({ read }) => read.problems);
  for (const { app, read } of reads) {
    if (read.problems.length > 0) continue;
    try {
      const draft = { ...read.draft, ...runnable(read.draft) };
      const resolved = await resolveApp({ ...read, draft }, app, flags, options, context);
      apps.push(resolved);
      const { balancer } = resolved.app.spec;
      if (balancer !== null)
        targets.push(...appTargets(balancer, (path) => app.place(['balancer', ...path])));
    } catch (error) {
      if (!(error instanceof SkeinError)) throw error;
      problems.push(error);
    }
  }
  // An app that could not be read is no missing one.
  if (problems.length === 0)
    problems.push(...twinProblems(apps), ...circleProblems(apps), ...addressProblems(apps));
  const names = new Set(apps.map(({ app }) => app.spec.name));
  const elsewhere = problems.length > 0 ? [] : targets.filter(({ app }) => !names.has(app));
  return { apps, problems, elsewhere };
};
