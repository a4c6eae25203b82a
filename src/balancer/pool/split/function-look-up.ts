/** A function of the user's: the default export of a module. */
import { pathToFileURL } from 'node:url';
import type { LookUp } from './look-up.ts';

type GroupOf = (key: string) => unknown;

const load = async (module: string): Promise<GroupOf> => {
  const loaded = (await import(pathToFileURL(module).href)) as { default?: unknown };
  // A CommonJS module that was compiled from one with a default export has it inside of its own.
  const inner = (loaded.default as { default?: unknown } | undefined)?.default;
  for (const found of [loaded.default, inner]) if (typeof found === 'function') return found as GroupOf;
  throw new Error(`${module} has no function as its default export`);
};

const checked = (group: unknown): string | undefined => {
  if (group === undefined || group === null || typeof group === 'string') return group ?? undefined;
  throw new Error(`the look-up gave ${typeof group} and not the name of a group`);
};

export const functionLookUp = (module: string): LookUp => {
  const loading = load(module);
  // Who asks is told; that nobody has asked yet is no unhandled rejection.
  loading.catch(() => {});
  let groupOf: GroupOf | undefined;

  const answer = (key: string, call: GroupOf): ReturnType<LookUp> => {
    const group = call(key);
    return group instanceof Promise ? group.then(checked) : checked(group);
  };

  return (key) => {
    if (groupOf !== undefined) return answer(key, groupOf);
    return loading.then((call) => {
      groupOf = call;
      return answer(key, call);
    });
  };
};
