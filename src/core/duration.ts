/** Durations as people write them: `500ms`, `10s`, `1.5m`, `2h`, `1d`; a bare number is milliseconds. */

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** setTimeout fires at once above this (2^31 - 1 ms, 24.8 days), so no limit may be longer. */
const MAX_MS = 2_147_483_647;

/**
 * Whole milliseconds, or undefined when `text` is not a duration: no sign, no exponent, at most
 * `maxMs` (24.8 days). `0` is a duration.
 */
export const parseDuration = (text: string | number, maxMs: number = MAX_MS): number | undefined => {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|h|d)?$/i.exec(String(text).trim());
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * (unitMs[(match[2] ?? 'ms').toLowerCase()] ?? 1));
  return ms <= maxMs ? ms : undefined;
};

const trimmed = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

/** For people, in the largest unit that keeps the sense: `350 ms`, `1.2 s`, `5 min 3 s`, `2 h 5 min`, `3 d 4 h`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${trimmed(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  const [big, small, bigName, smallName] =
    seconds < 3_600
      ? [Math.floor(seconds / 60), seconds % 60, 'min', 's']
      : seconds < 86_400
        ? [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), 'h', 'min']
        : [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3_600), 'd', 'h'];
  return small === 0 ? `${big} ${bigName}` : `${big} ${bigName} ${small} ${smallName}`;
};
