/**
 * Headers as Node's `rawHeaders` has them: name, value, name, value …; order, case and repeated lines are
 * kept, and have to be (Set-Cookie lines never become one). Functions here return new lists.
 */
export type RawHeaders = readonly string[];

/** Values of all lines of that name, in order. `name`: lower case. */
export const valuesOf = (raw: RawHeaders, name: string): string[] => {
  const values: string[] = [];
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]?.length === name.length && raw[at]?.toLowerCase() === name) values.push(raw[at + 1] ?? '');
  return values;
};

/** Members of a comma-separated list over all lines, trimmed, without empty ones (RFC 9110, section 5.6.1). */
export const listOf = (raw: RawHeaders, name: string): string[] => {
  const members: string[] = [];
  for (const value of valuesOf(raw, name))
    for (const member of value.includes(',') ? value.split(',') : [value]) {
      const trimmed = member.trim();
      if (trimmed !== '') members.push(trimmed);
    }
  return members;
};

/** Whether a list has the token, in whatever case. */
export const hasToken = (raw: RawHeaders, name: string, token: string): boolean =>
  listOf(raw, name).some((member) => member.toLowerCase() === token);

/** Without the lines whose name, in lower case, `drop` says true to. */
export const withoutNames = (raw: RawHeaders, drop: (name: string) => boolean): string[] => {
  const kept: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (!drop(name.toLowerCase())) kept.push(name, raw[at + 1] ?? '');
  }
  return kept;
};
