/** A request's key, from wherever the settings say: for `hash`, splits, stickiness and rate limits. */
import type { KeySource } from '../../protocol/balance.ts';
import type { RequestHead } from '../contract.ts';
import { valuesOf } from '../headers/raw-headers.ts';
import { cookieValue } from './cookie-value.ts';
import { jwtClaim } from './jwt-claim.ts';
import { pathSegment, queryValue } from './target-parts.ts';

/** A longer key is cut: nobody means one, and keys are kept in tables. */
const LONGEST = 1024;

/** The whole Cookie header; '' when there is none. */
export const cookieHeader = ({ raw }: Pick<RequestHead, 'raw'>): string => valuesOf(raw, 'cookie').join('; ');

const find = (
  source: KeySource,
  head: Pick<RequestHead, 'raw' | 'target'>,
  clientAddress: string | undefined,
): string => {
  switch (source.from) {
    case 'header':
      return valuesOf(head.raw, source.name.toLowerCase())[0] ?? '';
    case 'cookie':
      return cookieValue(cookieHeader(head), source.name);
    case 'query':
      return queryValue(head.target, source.name);
    case 'address':
      return clientAddress ?? '';
    case 'path':
      return pathSegment(head.target, source.segment);
    case 'jwt':
      return jwtClaim(valuesOf(head.raw, source.header)[0] ?? '', source.claim);
  }
};

/** '' when there is none. Of several lines or parts with the name the first counts. Never throws. */
export const keyOf = (
  source: KeySource,
  head: Pick<RequestHead, 'raw' | 'target'>,
  clientAddress: string | undefined,
): string => {
  const key = find(source, head, clientAddress);
  return key.length > LONGEST ? key.slice(0, LONGEST) : key;
};
