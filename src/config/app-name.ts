/** Names of apps: they stand in commands, in log lines and in the names of log files. */
import { basename, extname } from 'node:path';
import type { Place } from './place.ts';
import { badValue } from './values.ts';

const isName = (text: string): boolean => /^[\w][\w.@+-]{0,63}$/.test(text) && text !== 'all';

/** @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE */
export const readName = (text: unknown, place: Place = '--name'): string => {
  if (typeof text !== 'string' || !isName(text)) {
    throw badValue(
      place,
      text,
      'a name of letters, digits and . _ - @ +, at most 64, other than `all`',
      'api',
    );
  }
  return text;
};

/** The name of an app whose user gave none: the script's, without its ending. */
export const nameOfScript = (script: string): string => {
  const plain = basename(script, extname(script))
    .replace(/[^\w.@+-]+/g, '-')
    .replace(/^[^\w]+/, '')
    .slice(0, 64);
  return isName(plain) ? plain : 'app';
};
