/** Values the way a config would have them: what `config print` shows can be written into a file. */

const durations: readonly (readonly [unit: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `30s`, `500ms`: exact, in the largest unit that is. */
export const writeDuration = (ms: number): string => {
  const unit = ms === 0 ? undefined : durations.find(([, length]) => ms % length === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
};

const sizes: readonly (readonly [unit: string, bytes: number])[] = [
  ['TiB', 1024 ** 4],
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
];

/** `50MiB`: exact, in the largest unit that is; `none` for no limit. */
export const writeSize = (bytes: number | null): string | number => {
  if (bytes === null) return 'none';
  const unit = sizes.find(([, size]) => bytes % size === 0);
  return unit === undefined ? bytes : `${bytes / unit[1]}${unit[0]}`;
};

/** `none` for no limit. */
export const writeLimit = (ms: number | null): string => (ms === null ? 'none' : writeDuration(ms));
