/** Which upstream a session belongs to; one file for each way to tell. */
import type { StickySettings } from '../../../protocol/balance.ts';
import type { PoolTools } from '../tools.ts';
import { byAppCookie } from './by-app-cookie.ts';
import { byCookie } from './by-cookie.ts';
import { byKey } from './by-key.ts';
import type { Sticky } from './contract.ts';

export const createSticky = (
  settings: StickySettings,
  { stickyKey, now }: Pick<PoolTools, 'stickyKey' | 'now'>,
): Sticky => {
  switch (settings.by) {
    case 'cookie':
      return byCookie({ name: settings.name, key: stickyKey, maxAgeMs: settings.maxAgeMs });
    case 'app-cookie':
      return byAppCookie(settings.name, stickyKey, now);
    case 'header':
      return byKey({ from: 'header', name: settings.name });
    case 'address':
      return byKey({ from: 'address' });
  }
};
