/** Trailers come when the headers were acted on, so what frames, routes or authorises is refused there. */
import type { RawHeaders } from './raw-headers.ts';
import { withoutNames } from './raw-headers.ts';

/** RFC 9110, section 6.5.1, by kind: framing, routing, modifiers, authentication, content. */
const NEVER: ReadonlySet<string> = new Set([
  ...['transfer-encoding', 'content-length', 'trailer', 'connection', 'keep-alive', 'upgrade', 'te'],
  ...['host', 'via', 'forwarded', 'x-real-ip', 'proxy-connection', 'http2-settings', 'alt-svc'],
  ...['cache-control', 'expect', 'max-forwards', 'pragma', 'range', 'if-match', 'if-none-match'],
  ...['if-modified-since', 'if-unmodified-since', 'if-range', 'age', 'expires', 'date', 'location'],
  ...['retry-after', 'vary', 'warning', 'cookie', 'set-cookie', 'authorization', 'www-authenticate'],
  ...['proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info', 'authentication-info'],
  ...['content-encoding', 'content-type', 'content-range', 'content-location'],
]);

/** Trailers that may be passed on; spellings with `_` count as those with `-`. */
export const safeTrailers = (raw: RawHeaders): string[] =>
  withoutNames(raw, (name) => {
    const plain = name.replaceAll('_', '-');
    return NEVER.has(plain) || plain.startsWith('x-forwarded-');
  });
