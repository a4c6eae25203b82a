/** Which apps a command means: names, namespaces, ids, `all`, `/pattern/`. Pure. */
import { SkeinError } from '../core/errors.ts';
import { didYouMean } from '../config/suggest.ts';

/** What of an app a target may name. */
export interface Targetable {
  readonly name: string;
  readonly namespace: string | null;
  /** Of its slots, as many as it has now. */
  readonly ids: readonly number[];
}

/** An app that was named; by the ids of some of its slots only if `slots` is not null. */
export interface Target {
  readonly name: string;
  readonly slots: readonly number[] | null;
}

/**
 * In the order of `apps`. A name comes before a namespace of the same name, and that before an id.
 * `all` may be empty, anything else not.
 * @throws SkeinError E_UNKNOWN_APP, E_BAD_PATTERN
 */
export const resolveTargets = (targets: readonly string[], apps: readonly Targetable[]): Target[] => {
  const chosen = new Map<string, Set<number> | 'all'>();
  for (const target of targets)
    for (const { name, slots } of match(target, apps)) {
      const before = chosen.get(name) ?? new Set();
      chosen.set(name, slots === null || before === 'all' ? 'all' : new Set([...before, ...slots]));
    }
  return apps.flatMap(({ name, ids }) => {
    const slots = chosen.get(name);
    if (slots === undefined) return [];
    return [
      { name, slots: slots === 'all' || slots.size === ids.length ? null : [...slots].sort((a, b) => a - b) },
    ];
  });
};

const wholly = (apps: readonly Targetable[]): Target[] => apps.map(({ name }) => ({ name, slots: null }));

const match = (target: string, apps: readonly Targetable[]): readonly Target[] => {
  const named = apps.filter(({ name }) => name === target);
  if (named.length > 0) return wholly(named);
  const together = apps.filter(({ namespace }) => namespace === target);
  if (together.length > 0) return wholly(together);
  if (target === 'all') return wholly(apps);
  const found = /^\d+$/.test(target) ? byId(Number(target), apps) : byPattern(target, apps);
  if (found.length > 0) return found;
  const names = apps.flatMap(({ name, namespace }) => (namespace === null ? [name] : [name, namespace]));
  throw new SkeinError('E_UNKNOWN_APP', { target, suggestion: didYouMean(target, names) });
};

const byId = (id: number, apps: readonly Targetable[]): Target[] =>
  apps.flatMap(({ name, ids }) => (ids.includes(id) ? [{ name, slots: [ids.indexOf(id)] }] : []));

const byPattern = (target: string, apps: readonly Targetable[]): Target[] => {
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(target);
  return pattern === null ? [] : wholly(apps.filter(matcher(target, pattern[1]!, pattern[2]!)));
};

const matcher = (pattern: string, source: string, flags: string): ((app: Targetable) => boolean) => {
  try {
    const expression = new RegExp(source, flags.replace('g', ''));
    return ({ name }) => expression.test(name);
  } catch (error) {
    throw new SkeinError('E_BAD_PATTERN', { pattern, reason: (error as Error).message });
  }
};

/**
 * The names, where one worker of several cannot be meant.
 * @throws SkeinError E_UNSUPPORTED
 */
export const wholeApps = (targets: readonly Target[], verb: string): string[] => {
  const oneOf = targets.find(({ slots }) => slots !== null);
  if (oneOf !== undefined)
    throw new SkeinError('E_UNSUPPORTED', {
      what: `\`${verb}\` of one worker`,
      reason: `${oneOf.name} has several, which are kept or ended together`,
      hint: `Name the app (\`skein ${verb} ${oneOf.name}\`), or change their number: \`skein scale ${oneOf.name} -1\`.`,
    });
  return targets.map(({ name }) => name);
};
