/** Where a request's key is, as it is written: `header:x-user`, `address`, `path:0`. */
import type { KeySource } from '../../protocol/balance.ts';
import type { Place } from '../place.ts';
import { badValue } from '../values.ts';

/** A name of a header or a cookie (RFC 9110, section 5.6.2). */
export const isToken = (text: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(text);

const keySourceOf = (written: string): KeySource | undefined => {
  const [from = '', ...rest] = written.split(':');
  const name = rest.join(':');
  switch (from) {
    case 'address':
      return rest.length === 0 ? { from } : undefined;
    case 'header':
      return isToken(name) ? { from, name: name.toLowerCase() } : undefined;
    case 'cookie':
      return isToken(name) ? { from, name } : undefined;
    case 'query':
      return name === '' ? undefined : { from, name };
    case 'path':
      return /^\d{1,2}$/.test(name) ? { from, segment: Number(name) } : undefined;
    case 'jwt': {
      const [claim = '', header = 'authorization', ...more] = rest;
      return claim !== '' && isToken(header) && more.length === 0
        ? { from, claim, header: header.toLowerCase() }
        : undefined;
    }
    default:
      return undefined;
  }
};

/** @throws SkeinError E_BAD_VALUE, E_CONFIG_VALUE */
export const readKeySource = (place: Place, value: unknown): KeySource => {
  const source = typeof value === 'string' ? keySourceOf(value) : undefined;
  if (source !== undefined) return source;
  throw badValue(
    place,
    value,
    'where a key is: header:<name>, cookie:<name>, query:<name>, path:<segment>, jwt:<claim> or address',
    'header:x-user',
  );
};

export const writeKeySource = (source: KeySource): string => {
  switch (source.from) {
    case 'address':
      return 'address';
    case 'path':
      return `path:${source.segment}`;
    case 'jwt':
      return `jwt:${source.claim}${source.header === 'authorization' ? '' : `:${source.header}`}`;
    default:
      return `${source.from}:${source.name}`;
  }
};
