/** What the scripts write and publish, read. */
import { SkeinError } from '../../../core/errors.ts';
import type { Entry, RawChange } from '../../engine.ts';

const foreign = (key: string): SkeinError => new SkeinError('E_STATE_FOREIGN', { key });

/** `version|json`. Throws E_STATE_FOREIGN. */
export const parseEntry = (key: string, stored: string): Entry => {
  const bar = stored.indexOf('|');
  const version = Number(stored.slice(0, Math.max(bar, 0)));
  if (bar < 1 || !Number.isSafeInteger(version) || version < 1) throw foreign(key);
  return { version, text: stored.slice(bar + 1) };
};

/** Redis says -1 for never. */
export const toExpiresAt = (reply: unknown): number | null => {
  const at = Number(reply);
  return at > 0 ? at : null;
};

/** `s|at|version|json`, `e|at|version`, `d|version`; undefined for what somebody else published. */
export const parseChange = (key: string, message: string): RawChange | undefined => {
  const [, kind, at = '', rest = ''] = /^([se])\|(-?\d+)\|(.*)$/s.exec(message) ?? [];
  if (kind === 's') {
    const bar = rest.indexOf('|');
    const version = Number(rest.slice(0, bar));
    return { type: 'set', key, text: rest.slice(bar + 1), version, expiresAt: toExpiresAt(at) };
  }
  if (kind === 'e') return { type: 'expire', key, version: Number(rest), expiresAt: toExpiresAt(at) };
  const gone = /^d\|(\d+)$/.exec(message);
  return gone === null ? undefined : { type: 'delete', key, version: Number(gone[1]), reason: 'deleted' };
};
