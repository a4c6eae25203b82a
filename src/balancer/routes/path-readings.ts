/**
 * The path of a request may mean different places to different readers: `//admin`, `/%61dmin`,
 * `/x/..%2fadmin` and `/admin;x` are `/admin` to some upstreams and something else to others. A route
 * that is found by one reading only could be got round, so routes look for both ends: the path as it
 * came, and the path as the most generous reader has it. Every reader in between sees a path that
 * begins as one of these does, because prefixes of routes are plain and each step keeps a plain prefix.
 *
 * Dot segments have no such order, nor have slashes in parameters (`/;%2fa/b` is `/b` or `/a/b`), so a
 * path with one is ambiguous wherever prefixes decide.
 */

/** What a plain path has none of: a percent sign, a backslash, a parameter, `//`, `/.` */
const NOT_PLAIN = /[%\\;]|\/[./]/;
/** A dot segment in any writing; `..;x` is one to some (RFC 3986, section 3.3). Overlong UTF-8 for `.` and `/`. */
const AMBIGUOUS = /(?:^|\/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:$|\/|\\|;|%2f|%5c|%3b)|%00|%c[01]/i;

/** Nothing in it is read differently by anybody. */
export const isPlain = (path: string): boolean => !NOT_PLAIN.test(path);

const SLASH_IN_PARAMETER = /(?:;|%3b)[^/]*(?:\\|%2f|%5c)/i;

/** Undefined: nobody can say where it leads. `path`: without the query. */
export const generousReading = (path: string): string | undefined => {
  if (AMBIGUOUS.test(path) || SLASH_IN_PARAMETER.test(path)) return undefined;
  const decoded = path.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded
    .replaceAll('\\', '/')
    .replace(/;[^/]*/g, '')
    .replace(/\/{2,}/g, '/');
};
