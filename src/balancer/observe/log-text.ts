/**
 * Text that strangers chose, made fit for a line of the log: nothing in it ends the line, closes a quote or
 * reaches a terminal as a control sequence, nothing is longer than it may be, and what is known to
 * carry secrets (queries, user names and passwords of URLs) is not in it.
 */

/** Characters; what is longer is cut, and ends with an ellipsis of three dots. */
export const MOST_TARGET = 2048;
export const MOST_TEXT = 512;

// What is not printable ASCII, the quote and the backslash.
const UNFIT = /[^ !#-[\]-~]/;
const UNFIT_EACH = /[^ !#-[\]-~]/g;
// In JSON what is above 0x9f may stay, except for the two that JavaScript takes for the end of a line.
// oxlint-disable-next-line no-control-regex -- it is them that are to be found
const UNFIT_JSON = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  if (character === '"' || character === '\\') return `\\${character}`;
  return code > 0xff ? `\\u${hex(code, 4)}` : `\\x${hex(code, 2)}`;
};

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 3)}...` : text;

/** For between two quotes of a combined line. As nginx: `\xHH` for what is not printable ASCII. */
export const fit = (text: string, most: number = MOST_TEXT): string => {
  const short = text.length > most ? cut(text, most) : text;
  return UNFIT.test(short) ? short.replace(UNFIT_EACH, escaped) : short;
};

/** With its quotes. */
export const fitJson = (text: string, most: number = MOST_TEXT): string => {
  const short = text.length > most ? cut(text, most) : text;
  if (!UNFIT_JSON.test(short)) return `"${short}"`;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${hex(character.charCodeAt(0), 4).toLowerCase()}`,
  );
};

/**
 * A request's target, or a Referer, without what may be secret in it: the query is left out up to its `?`
 * (tokens, codes of OAuth and addresses of people are found there), and so are fragments and `user:password@`.
 */
export const withoutSecrets = (url: string): string => {
  let end = url.indexOf('?');
  if (end !== -1) end += 1;
  const fragment = url.indexOf('#');
  if (fragment !== -1 && (end === -1 || fragment < end)) end = fragment;
  const whole = end === -1 || end === url.length ? url : url.slice(0, end);
  if (whole.charCodeAt(0) === 0x2f) return whole;
  const authority = whole.indexOf('//');
  const path = whole.indexOf('/', authority === -1 ? 0 : authority + 2);
  const at = whole.lastIndexOf('@', path === -1 ? whole.length : path);
  return at === -1 ? whole : whole.slice(0, authority === -1 ? 0 : authority + 2) + whole.slice(at + 1);
};
