/** A cookie of the balancer's own, which says by itself where the session is. */
import type { StickyCookieOptions } from '../../sticky-cookie.ts';
import { stickyCookie } from '../../sticky-cookie.ts';
import { cookieHeader } from '../key-of.ts';
import type { Sticky } from './contract.ts';
import { Homes } from './homes.ts';

export const byCookie = (options: StickyCookieOptions): Sticky => {
  const cookie = stickyCookie(options);
  const homes = new Homes(cookie.tagOf);
  return {
    members: (members) => homes.update(members),
    ownerOf: ({ head }, members) => {
      const home = homes.find(cookie.read(cookieHeader(head)));
      return home !== undefined && members.includes(home) ? home : undefined;
    },
    linesFor: ({ head, connection }, upstream) => {
      const tag = cookie.read(cookieHeader(head));
      if (homes.isAt(tag, upstream)) return '';
      if (tag !== undefined) homes.moved(tag, upstream);
      return `Set-Cookie: ${cookie.setCookie(upstream.id, connection.secure)}\r\n`;
    },
    cookieFor: cookie.without,
  };
};
