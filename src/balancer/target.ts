/** Request targets (RFC 9112, section 3.2). */
import { hostProblem } from './host.ts';

const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/is;

/** Without the port that is the scheme's anyway. */
const plainHost = (host: string): string => host.toLowerCase().replace(/:(?:80|443)?$/, '');

/** `host`: the Host header; undefined: there is none. */
export const targetProblem = (
  method: string,
  target: string,
  host: string | undefined,
): string | undefined => {
  if (target.includes('#')) return 'a fragment in the target';
  if (target.startsWith('/')) return undefined;
  if (target === '*') return method === 'OPTIONS' ? undefined : '* with a method other than OPTIONS';
  const authority = ABSOLUTE.exec(target)?.[1];
  if (authority === undefined) return 'the target is no path';
  if (hostProblem(authority) !== undefined) return 'the host in the target is malformed';
  return host !== undefined && plainHost(host) !== plainHost(authority)
    ? 'Host is not the host in the target'
    : undefined;
};

/** A path and query, as upstreams expect it, of a target that has no problem. */
export const originForm = (method: string, target: string): string => {
  if (target.startsWith('/') || target === '*') return target;
  const path = ABSOLUTE.exec(target)?.[2] ?? '';
  if (path === '') return method === 'OPTIONS' ? '*' : '/';
  return path.startsWith('/') ? path : `/${path}`;
};
