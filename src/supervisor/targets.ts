/** Which apps a command means: names, `all`, `/pattern/`. Pure. */
import { SkeinError } from '../core/errors.ts';
import { didYouMean } from '../config/suggest.ts';

/** In the order of `names`. Throws E_UNKNOWN_APP, E_BAD_PATTERN. `all` may be empty, a pattern not. */
export const resolveTargets = (targets: readonly string[], names: readonly string[]): string[] => {
  const chosen = new Set<string>();
  for (const target of targets) for (const name of match(target, names)) chosen.add(name);
  return names.filter((name) => chosen.has(name));
};

const match = (target: string, names: readonly string[]): readonly string[] => {
  if (names.includes(target)) return [target];
  if (target === 'all') return names;
  const pattern = /^\/(.*)\/([a-z]*)$/s.exec(target);
  const found = pattern === null ? [] : names.filter(matcher(target, pattern[1]!, pattern[2]!));
  if (found.length > 0) return found;
  throw new SkeinError('E_UNKNOWN_APP', { target, suggestion: didYouMean(target, names) });
};

const matcher = (pattern: string, source: string, flags: string): ((name: string) => boolean) => {
  try {
    const expression = new RegExp(source, flags.replace('g', ''));
    return (name) => expression.test(name);
  } catch (error) {
    throw new SkeinError('E_BAD_PATTERN', { pattern, reason: (error as Error).message });
  }
};
