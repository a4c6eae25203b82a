/** Prefixes taken off and put before a path; what is left alone stays byte for byte. */

/**
 * @param target In origin form; its path begins with `strip`.
 * @param strip As in a route: `/v1`, or '' for nothing; `add` likewise.
 */
export const rewritten = (target: string, strip: string, add: string): string => {
  if (!target.startsWith('/')) return target;
  if (strip === '') return add + target;
  const rest = target.slice(strip.length);
  if (rest === '' || rest.startsWith('?')) return `${add === '' ? '/' : add}${rest}`;
  // `/v1//x` without `/v1` would be `//x`, which begins like a host.
  return add + rest.replace(/^[/\\]+/, '/');
};
