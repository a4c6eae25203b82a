/**
 * Sizes of memory. Units are powers of 1024 with or without the `i`, because `300M` has meant
 * 300 MiB in process managers for as long as they exist; a bare number is bytes.
 */

const powerOf: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/** Whole bytes, or undefined when `text` is not a size above zero that a number holds exactly. */
export const parseSize = (text: string | number): number | undefined => {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])i?b?|b)?$/i.exec(String(text).trim());
  if (match === null) return undefined;
  const bytes = Math.round(Number(match[1]) * 1024 ** (powerOf[(match[2] ?? '').toLowerCase()] ?? 0));
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
};

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** For people, three digits at most: `512 B`, `9.5 MiB`, `300 MiB`. */
export const formatSize = (bytes: number): string => {
  let value = bytes;
  let power = 0;
  while (value >= 999.5 && power < units.length - 1) {
    value /= 1024;
    power += 1;
  }
  const digits = power > 0 && value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value));
  return `${digits} ${units[power] ?? 'B'}`;
};
