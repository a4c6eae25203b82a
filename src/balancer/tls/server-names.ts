/** Which of several certificates a client gets, by the name it asks for (SNI). */

/** `entries`: in order, the first for a name counts. Wildcards stand for one label (RFC 6125, 6.4.3). */
export const byServerName = <T>(
  entries: readonly { readonly names: readonly string[]; readonly value: T }[],
): ((name: string) => T | undefined) => {
  const known = new Map<string, T>();
  for (const { names, value } of entries)
    for (const name of names) if (!known.has(name)) known.set(name, value);
  return (asked) => {
    const name = asked.toLowerCase().replace(/\.$/, '');
    const dot = name.indexOf('.');
    return known.get(name) ?? (dot === -1 ? undefined : known.get(`*${name.slice(dot)}`));
  };
};
