/** What differs between two specs of an app, and the least that each difference needs. Pure. */
import { formatDuration } from '../core/duration.ts';
import { formatSize } from '../core/size.ts';
import type { AppSpec, Dependency } from '../protocol/app-spec.ts';
import type { ChangedSetting } from '../protocol/control.ts';
import { balancerViews } from './balancer-changes.ts';

/**
 * From least to most. `adjust`: only the supervisor follows the setting. `scale`: other numbers of
 * the same workers. `reload`: it is part of what a worker is started with. `restart`: old and new
 * workers cannot be there at the same time.
 */
export type Effect = 'none' | 'adjust' | 'scale' | 'reload' | 'restart';

const EFFECTS: readonly Effect[] = ['none', 'adjust', 'scale', 'reload', 'restart'];

export const strongest = (effects: readonly Effect[]): Effect =>
  EFFECTS.findLast((effect) => effects.includes(effect)) ?? 'none';

const effectOf: Readonly<Record<Exclude<keyof AppSpec, 'name'>, Effect>> = {
  script: 'reload',
  args: 'reload',
  cwd: 'reload',
  shellEnv: 'reload',
  env: 'reload',
  saveSecrets: 'adjust',
  namespace: 'adjust',
  source: 'adjust',
  kind: 'restart',
  interpreter: 'reload',
  nodeArgs: 'reload',
  instances: 'scale',
  // One socket cannot be bound with SO_REUSEPORT and without.
  accept: 'restart',
  ready: 'reload',
  readyTimeoutMs: 'adjust',
  stopSignal: 'adjust',
  drainTimeoutMs: 'adjust',
  killTimeoutMs: 'adjust',
  restart: 'adjust',
  maxMemoryBytes: 'adjust',
  // The worker has a thread that watches its event loop.
  hangTimeoutMs: 'reload',
  incrementVar: 'reload',
  instanceVar: 'reload',
  dependsOn: 'adjust',
  logs: 'adjust',
  watch: 'adjust',
  cron: 'adjust',
  hooks: 'adjust',
  runAs: 'reload',
  balance: 'adjust',
  balancer: 'adjust',
};

/** Longer texts say no more in a plan. */
const MOST_TEXT = 120;

const short = (text: string): string => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text);

const textOf = (name: string, value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' && name.endsWith('Ms')) return formatDuration(value);
  if (typeof value === 'number' && name.endsWith('Bytes')) return formatSize(value);
  if (Array.isArray(value))
    return value.length === 0 ? null : short(value.join(name === 'balancer.routes' ? ', ' : ' '));
  return short(typeof value === 'string' ? value : JSON.stringify(value));
};

/** Where a config file has another name for it. */
const WRITTEN: Readonly<Record<string, string>> = {
  'restart.auto': 'autorestart',
  'restart.maxRestarts': 'maxRestarts',
  'restart.stopExitCodes': 'stopExitCodes',
  'restart.delay': 'restartDelay',
  'hooks.before': 'hooks.beforeRollout',
  'hooks.after': 'hooks.afterRollout',
  'logs.rotation.maxSize': 'logs.rotate.size',
  'logs.rotation.every': 'logs.rotate.every',
  'logs.rotation.keep': 'logs.rotate.keep',
  'logs.rotation.maxTotal': 'logs.rotate.totalSize',
  'logs.rotation.compress': 'logs.rotate.compress',
  runAs: 'user',
};

/** As a config file has it, and without the unit in which the spec keeps it. */
const settingName = (name: string): string => {
  const short = name
    .replace(/(Ms|Bytes)$/, '')
    .replace(/^balance\.(pool|front)\./, 'balance.')
    .replace(/^(balance\.policy)\.name$/, '$1');
  return WRITTEN[short] ?? short;
};

const dependencyText = ({ app, condition }: Dependency): string => `${app} (${condition})`;

/** A setting of several values as text, where the parts would say less than the whole. */
const whole = (spec: AppSpec, name: keyof AppSpec): unknown => {
  switch (name) {
    case 'ready':
      return spec.ready.kind === 'http' ? spec.ready.path : spec.ready.kind;
    case 'dependsOn':
      return spec.dependsOn.map(dependencyText).join(', ') || null;
    case 'runAs':
      return spec.runAs === null ? null : `${spec.runAs.user} (${spec.runAs.uid}:${spec.runAs.gid})`;
    default:
      return spec[name];
  }
};

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const namesOf = (from: unknown, to: unknown): string[] => [
  ...new Set([...Object.keys(isGroup(from) ? from : {}), ...Object.keys(isGroup(to) ? to : {})]),
];

const part = (group: unknown, name: string): unknown => (isGroup(group) ? (group[name] ?? null) : null);

const differences = (setting: string, from: unknown, to: unknown): ChangedSetting[] => {
  if (isGroup(from) || isGroup(to))
    return namesOf(from, to).flatMap((name) =>
      differences(`${setting}.${name}`, part(from, name), part(to, name)),
    );
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  return [{ setting: settingName(setting), from: textOf(setting, from), to: textOf(setting, to) }];
};

/** Names only: a value may be a secret. */
const variables = (
  setting: 'env' | 'shellEnv',
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): ChangedSetting[] =>
  namesOf(from, to)
    .filter((name) => from[name] !== to[name])
    .sort()
    .map((name) => ({
      setting: `${setting}.${name}`,
      from: name in from ? 'set' : null,
      to: name in to ? (name in from ? 'changed' : 'set') : null,
    }));

/** Where a worker listens is decided when it is started. One socket cannot be bound in both ways. */
const balanceEffect = (from: AppSpec, to: AppSpec): Effect => {
  if ((from.balance === null) === (to.balance === null)) return 'none';
  return from.accept === 'per-worker' ? 'restart' : 'reload';
};

/** An app becomes a balancer, or a balancer something else. */
const balancerEffect = (from: AppSpec, to: AppSpec): Effect =>
  (from.balancer === null) === (to.balancer === null) ? 'none' : 'restart';

const balancerDifferences = (from: AppSpec, to: AppSpec): ChangedSetting[] => {
  const found = differences('balancer', ...balancerViews(from.balancer, to.balancer));
  if (found.length > 0 || JSON.stringify(from.balancer) === JSON.stringify(to.balancer)) return found;
  // What no line has room for, such as the body of an answer.
  return [{ setting: 'balancer.routes', from: null, to: null }];
};

/** What is written as one setting and kept in several, and the other way round. */
const settingsThat = (name: keyof AppSpec, from: AppSpec, to: AppSpec): ChangedSetting[] => {
  switch (name) {
    case 'env':
    case 'shellEnv':
      return variables(name, from[name], to[name]);
    case 'balancer':
      return balancerDifferences(from, to);
    default:
      return differences(name, whole(from, name), whole(to, name));
  }
};

export interface SpecChanges {
  readonly effect: Effect;
  readonly changed: readonly ChangedSetting[];
}

export const specChanges = (from: AppSpec, to: AppSpec): SpecChanges => {
  const effects: Effect[] = [];
  const changed = (Object.keys(effectOf) as (keyof typeof effectOf)[]).flatMap((name) => {
    const found = settingsThat(name, from, to);
    if (found.length > 0) effects.push(effectOf[name]);
    return found;
  });
  const effect = strongest([...effects, balanceEffect(from, to), balancerEffect(from, to)]);
  // No seam hands a program's sockets on: its successor could not listen beside it.
  const isProgram = from.kind === 'program' || to.kind === 'program';
  return { effect: effect === 'reload' && isProgram ? 'restart' : effect, changed };
};
