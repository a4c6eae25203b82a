/** What a response sets in one cookie. */

const EXPIRES_NOW = /;\s*max-age=(?:0|-\d+)\s*(?:;|$)/i;

/**
 * The last value that Set-Cookie lines give this cookie; '' when there is none, or the cookie is taken
 * back. `lines`: `Name: value\r\n` for each field.
 */
export const setCookieValue = (lines: string, name: string): string => {
  let found = '';
  if (!lines.includes(name)) return found;
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon !== 10 || line.slice(0, colon).toLowerCase() !== 'set-cookie') continue;
    const value = line.slice(colon + 1).trim();
    const end = value.indexOf(';');
    const pair = end === -1 ? value : value.slice(0, end);
    const equals = pair.indexOf('=');
    if (equals === -1 || pair.slice(0, equals).trim() !== name) continue;
    found = EXPIRES_NOW.test(value) ? '' : pair.slice(equals + 1).trim();
  }
  return found;
};
