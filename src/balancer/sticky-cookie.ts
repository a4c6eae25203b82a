/**
 * The cookie that brings a client back to its upstream: `<tag>.<signature>`. The tag is a hash of the
 * upstream's id, so it tells nothing about addresses; the signature is made with a key that all
 * balancers share, so any of them on any machine understands it and nobody else can make one.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface StickyCookieOptions {
  /** A token of RFC 6265. */
  readonly name: string;
  /** The same in all balancers of an app; at least 32 random bytes. */
  readonly key: Uint8Array;
  /** Default: null, until the browser closes. */
  readonly maxAgeMs?: number | null;
}

export interface StickyCookie {
  /** What `read` returns for a cookie of this upstream. */
  readonly tagOf: (id: string) => string;
  /**
   * The tag in a request's Cookie header (its lines joined with `; `), also of an upstream that is no
   * more. Of several cookies the first valid one; what is foreign or tampered with is not there.
   */
  readonly read: (header: string | undefined) => string | undefined;
  /** The value of a Set-Cookie line. `secure`: the client came over TLS. */
  readonly setCookie: (id: string, secure: boolean) => string;
  /** The header without this cookie, which is no business of the app; undefined when nothing is left. */
  readonly without: (header: string) => string | undefined;
}

/** 96 bits. */
const TAG_LENGTH = 16;
/** 256 bits. */
const SIGNATURE_LENGTH = 43;
/** A header full of false ones must not cost a signature for each. */
const MOST_TRIED = 8;
const MOST_REMEMBERED = 10_000;

export const stickyCookie = ({ name, key, maxAgeMs = null }: StickyCookieOptions): StickyCookie => {
  /** By tag: a request costs no HMAC. Only what verified or is ours gets in. */
  const signatures = new Map<string, Buffer>();
  const prefix = `${name}=`;
  const age = maxAgeMs === null ? '' : `; Max-Age=${Math.ceil(maxAgeMs / 1000)}`;

  const tagOf = (id: string): string =>
    createHash('sha256').update(id).digest('base64url').slice(0, TAG_LENGTH);

  // The name is signed too: a cookie of another route with the same key is foreign here.
  const sign = (tag: string): Buffer =>
    Buffer.from(createHmac('sha256', key).update(prefix).update(tag).digest('base64url'), 'latin1');

  const remember = (tag: string, signature: Buffer): Buffer => {
    if (signatures.size >= MOST_REMEMBERED) signatures.clear();
    signatures.set(tag, signature);
    return signature;
  };

  const verified = (value: string): string | undefined => {
    if (value.length !== TAG_LENGTH + 1 + SIGNATURE_LENGTH || value[TAG_LENGTH] !== '.') return undefined;
    const tag = value.slice(0, TAG_LENGTH);
    const given = Buffer.from(value.slice(TAG_LENGTH + 1), 'latin1');
    const known = signatures.get(tag);
    const signature = known ?? sign(tag);
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) return undefined;
    if (known === undefined) remember(tag, signature);
    return tag;
  };

  const isOurs = (part: string): boolean => part.trimStart().startsWith(prefix);

  return {
    tagOf,
    read: (header) => {
      if (header === undefined || !header.includes(prefix)) return undefined;
      let tried = 0;
      for (const part of header.split(';')) {
        if (!isOurs(part)) continue;
        const tag = verified(part.trim().slice(prefix.length));
        if (tag !== undefined) return tag;
        tried += 1;
        if (tried === MOST_TRIED) return undefined;
      }
      return undefined;
    },
    setCookie: (id, secure) => {
      const tag = tagOf(id);
      const signature = signatures.get(tag) ?? remember(tag, sign(tag));
      const value = `${tag}.${signature.toString('latin1')}`;
      return `${prefix}${value}; Path=/${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
    },
    without: (header) => {
      if (!header.includes(prefix)) return header;
      const kept = header.split(';').filter((part) => !isOurs(part));
      return kept.length === 0 ? undefined : kept.join(';').trimStart();
    },
  };
};
