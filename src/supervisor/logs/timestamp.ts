/** The time before a plain line: `iso`, or letters as PM2's users know them from moment and dayjs. */

type Part = (at: Date) => string;

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (at: Date): number => at.getHours() % 12 || 12;
const name = (at: Date, options: Intl.DateTimeFormatOptions): string =>
  at.toLocaleDateString('en-US', options);

/** `+02:00`, with what stands between hours and minutes. */
const offset = (at: Date, between: string): string => {
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${between}${two(size % 60)}`;
};

const parts: Readonly<Record<string, Part>> = {
  YYYY: (at) => String(at.getFullYear()).padStart(4, '0'),
  YY: (at) => two(at.getFullYear() % 100),
  MMMM: (at) => name(at, { month: 'long' }),
  MMM: (at) => name(at, { month: 'short' }),
  MM: (at) => two(at.getMonth() + 1),
  M: (at) => String(at.getMonth() + 1),
  DD: (at) => two(at.getDate()),
  D: (at) => String(at.getDate()),
  dddd: (at) => name(at, { weekday: 'long' }),
  ddd: (at) => name(at, { weekday: 'short' }),
  HH: (at) => two(at.getHours()),
  H: (at) => String(at.getHours()),
  hh: (at) => two(hour12(at)),
  h: (at) => String(hour12(at)),
  mm: (at) => two(at.getMinutes()),
  m: (at) => String(at.getMinutes()),
  ss: (at) => two(at.getSeconds()),
  s: (at) => String(at.getSeconds()),
  SSS: (at) => String(at.getMilliseconds()).padStart(3, '0'),
  A: (at) => (at.getHours() < 12 ? 'AM' : 'PM'),
  a: (at) => (at.getHours() < 12 ? 'am' : 'pm'),
  ZZ: (at) => offset(at, ''),
  Z: (at) => offset(at, ':'),
  X: (at) => String(Math.floor(at.getTime() / 1000)),
  x: (at) => String(at.getTime()),
};

/** The longest first, or `MM` would be read as `M` twice. */
const LETTERS = new RegExp(
  `\\[([^\\]]*)\\]|${Object.keys(parts)
    .sort((a, b) => b.length - a.length)
    .join('|')}`,
  'g',
);

/** What is no letter of a time stays as it is; `[…]` keeps letters as they are. Local time. */
export const formatTimestamp = (format: string, at: Date): string =>
  format === 'iso'
    ? at.toISOString()
    : format.replaceAll(LETTERS, (found, literal: string | undefined) => literal ?? parts[found]!(at));
