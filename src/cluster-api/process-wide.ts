/**
 * What there is once in a process (or thread), however many copies of Skein its packages bring. A copy
 * may be of another version than the one that made the thing: what is kept so only grows.
 */
export const processWide = <T extends object>(name: string, make: () => T): T => {
  const all = globalThis as unknown as Record<symbol, T | undefined>;
  return (all[Symbol.for(`skein.${name}`)] ??= make());
};
