/** Host headers: routing goes by them, so the upstream must not read another one than the balancer. */

/** Without a comma, which RFC 3986 allows: two Host lines that somebody joined look like that. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+;=%-]+)(?::(\d{1,5})?)?$/i;

export const hostProblem = (host: string): string | undefined => {
  if (host === '') return 'Host is empty';
  const match = HOST.exec(host);
  return match === null || Number(match[1] ?? 0) > 65_535 ? 'Host is malformed' : undefined;
};

let lastHost = '';
let lastName = '';

/** Lower case and without a port, as routes know it. */
export const hostName = (host: string): string => {
  if (host !== lastHost) {
    lastHost = host;
    lastName = host.toLowerCase().replace(/:\d*$/, '');
  }
  return lastName;
};
