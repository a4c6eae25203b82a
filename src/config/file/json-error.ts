/** Where JSON is broken: V8 tells the position of some mistakes only. */

const space = /[ \t\r\n]*/y;
const scalar =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The offset of the first thing that JSON does not have there, or undefined. */
export const jsonErrorAt = (source: string): number | undefined => {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    const sticky = pattern;
    sticky.lastIndex = at;
    const matched = sticky.test(source);
    if (matched) at = sticky.lastIndex;
    return matched;
  };
  const mark = (text: string): boolean => {
    take(space);
    if (source[at] !== text) return false;
    at += 1;
    return true;
  };
  const list = (end: string, item: () => boolean): boolean => {
    if (mark(end)) return true;
    do if (!item()) return false;
    while (mark(','));
    return mark(end);
  };
  const key = (): boolean => {
    take(space);
    return source[at] === '"' && take(scalar) && mark(':') && value();
  };
  const value = (): boolean => {
    if (mark('{')) return list('}', key);
    if (mark('[')) return list(']', value);
    return take(scalar);
  };
  const whole = value();
  take(space);
  return whole && at === source.length ? undefined : at;
};
