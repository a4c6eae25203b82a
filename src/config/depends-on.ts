/** Whether apps can be started in an order that each one's `dependsOn` allows. */
import { SkeinError } from '../core/errors.ts';
import type { Place } from './place.ts';
import { placeText } from './place.ts';
import { didYouMean } from './suggest.ts';

export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
  /** Of its dependsOn. */
  readonly place: Place;
}

/** The way from `from` back to itself, or undefined. */
const circleOf = (from: string, apps: ReadonlyMap<string, Dependent>): string[] | undefined => {
  const visited = new Set<string>();
  const search = (name: string, way: readonly string[]): string[] | undefined => {
    for (const next of apps.get(name)?.dependsOn ?? []) {
      if (next === from) return [...way, next];
      if (visited.has(next)) continue;
      visited.add(next);
      const found = search(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(from, [from]);
};

/** E_DEPENDS_ON for each app that is not there, and for the first app of each circle. */
export const dependencyProblems = (dependents: readonly Dependent[]): SkeinError[] => {
  const apps = new Map(dependents.map((app) => [app.name, app]));
  const told = new Set<string>();
  return dependents.flatMap(({ name, dependsOn, place }) => {
    const fail = (dependency: string, reason: string): SkeinError =>
      new SkeinError('E_DEPENDS_ON', { place: placeText(place), app: name, dependency, reason });
    const problems = dependsOn
      .filter((dependency) => !apps.has(dependency))
      .map((dependency) => {
        const near = didYouMean(dependency, [...apps.keys()]).trim();
        return fail(dependency, `there is no app of that name${near === '' ? '' : ` (${near})`}`);
      });
    const circle = told.has(name) ? undefined : circleOf(name, apps);
    if (circle === undefined) return problems;
    for (const member of circle) told.add(member);
    return [...problems, fail(circle[1] ?? name, `they wait for each other: ${circle.join(' → ')}`)];
  });
};
