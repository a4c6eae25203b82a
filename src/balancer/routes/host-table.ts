/** What there is for a host: exact names before wildcards, longer wildcards before shorter, `*` last. */

export interface HostTable<Entry> {
  /** Most specific first. `host`: as in a Host header, '' for none. */
  find(host: string): readonly Entry[];
}

/** No name in DNS is longer (RFC 1035, section 2.3.4). */
const LONGEST_NAME = 255;

/** Lower case, without the port and the dot that ends a full name. */
export const plainHost = (host: string): string => {
  const name = host.toLowerCase().replace(/:\d*$/, '');
  return name.endsWith('.') ? name.slice(0, -1) : name;
};

/** @param entries By host as routes have it: `api.example.com`, `*.example.com`, `*`. */
export const hostTable = <Entry>(entries: ReadonlyMap<string, Entry>): HostTable<Entry> => {
  const any = entries.get('*');
  const anyOnly = any === undefined ? [] : [any];
  if (entries.size === anyOnly.length) return { find: () => anyOnly };

  const look = (host: string): readonly Entry[] => {
    const name = plainHost(host);
    const exact = entries.get(name);
    const found = exact === undefined ? [] : [exact];
    if (name.length <= LONGEST_NAME)
      for (let dot = name.indexOf('.', 1); dot > 0; dot = name.indexOf('.', dot + 1)) {
        const wild = entries.get(`*${name.slice(dot)}`);
        if (wild !== undefined) found.push(wild);
      }
    return [...found, ...anyOnly];
  };
  // Most requests in a row are for the same host.
  let last = '';
  let lastFound = look('');
  return {
    find(host) {
      if (host !== last) {
        lastFound = look(host);
        last = host;
      }
      return lastFound;
    },
  };
};
