/**
 * The app's own cookie: the upstream that set it has the session. Only this balancer worker sees the
 * response that sets it, and the next request may come to another one, on another machine. So a signed
 * cookie goes beside it, as long as there is a session at all, which says the same to everybody; what
 * was learnt here is for clients that bring back one of the two only. When both fail, the value is
 * hashed, so at least all balancers send it to the same upstream.
 */
import { stickyCookie } from '../../sticky-cookie.ts';
import { cookieValue } from '../cookie-value.ts';
import { cookieHeader } from '../key-of.ts';
import { homeOf } from './by-key.ts';
import type { Sticky } from './contract.ts';
import { Homes } from './homes.ts';
import { Learned } from './learned.ts';
import { setCookieValue } from './set-cookie-value.ts';

export const byAppCookie = (name: string, key: Uint8Array, now: () => number): Sticky => {
  const beside = stickyCookie({ name: `${name}.at`, key });
  const homes = new Homes(beside.tagOf);
  /** Tags: an upstream that went must not be kept by who once had a session there. */
  const learned = new Learned<string>({ now });

  const linesFor: Sticky['linesFor'] = ({ head, connection }, upstream, lines) => {
    const header = cookieHeader(head);
    const brought = cookieValue(header, name);
    const set = setCookieValue(lines, name);
    const value = set === '' ? brought : set;
    if (value === '') return '';
    const tag = beside.read(header);
    const before = learned.find(brought) ?? (brought === '' ? undefined : tag);
    learned.learn(value, beside.tagOf(upstream.id));
    if (before !== undefined && !homes.isAt(before, upstream)) homes.moved(before, upstream);
    if (homes.isAt(tag, upstream)) return '';
    return `Set-Cookie: ${beside.setCookie(upstream.id, connection.secure)}\r\n`;
  };

  return {
    members: (members) => homes.update(members),
    ownerOf: ({ head }, members) => {
      const header = cookieHeader(head);
      const value = cookieValue(header, name);
      if (value === '') return undefined;
      for (const tag of [learned.find(value), beside.read(header)]) {
        const home = homes.find(tag);
        if (home !== undefined && members.includes(home)) return home;
      }
      return homeOf(value, members);
    },
    linesFor,
    cookieFor: beside.without,
  };
};
