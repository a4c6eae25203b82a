/** A request's head as an upstream gets it: HTTP/1.1, latin1 text. */
import type { FrontSettings, UpstreamAddress } from '../protocol/balance.ts';
import type { ClientConnection, RequestHead } from './contract.ts';
import { withForwarded } from './headers/forwarded.ts';
import { endToEndRequest } from './headers/hop-by-hop.ts';
import type { RawHeaders } from './headers/raw-headers.ts';
import { valuesOf } from './headers/raw-headers.ts';

export interface RequestText {
  readonly head: RequestHead;
  readonly connection: ClientConnection;
  readonly front: FrontSettings;
  /** From the pool's decision. */
  readonly target: string;
  /** The client's Host, as it came; '' when there is none. */
  readonly hostField: string;
  /** Where it goes, when that is the Host the upstream sees. */
  readonly ownHost: UpstreamAddress | null;
  /** `plainFields` of the scan. */
  readonly plain: boolean;
  /** It asks for a WebSocket. */
  readonly upgrade: boolean;
  readonly requestId: string | undefined;
  readonly clientAddress: string | undefined;
  /** The pool's `cookieFor`. */
  cookieFor(cookie: string): string | undefined;
}

/** What is the same for all requests of a client without proxies over one connection to one host. */
interface Arrived {
  readonly host: string;
  readonly front: FrontSettings;
  readonly lines: string;
}
const arrivals = new WeakMap<ClientConnection, Arrived>();

const linesOf = (raw: RawHeaders): string => {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) lines += `${raw[at] ?? ''}: ${raw[at + 1] ?? ''}\r\n`;
  return lines;
};

/** X-Forwarded-* and their like for `kept`, and Via. */
const forwarded = (
  kept: RawHeaders,
  { connection, front, head, hostField, clientAddress }: RequestText,
): string[] => {
  const all = withForwarded(
    kept,
    {
      peer: connection.address,
      trusted: connection.trusted,
      client: clientAddress,
      tls: connection.secure,
      host: hostField === '' ? undefined : hostField,
      port: connection.localPort,
    },
    front.forwarded,
  );
  all.push('Via', `${head.version === '2' ? '2' : head.version} ${front.pseudonym}`);
  return all;
};

const plainArrival = (text: RequestText): string => {
  const { connection, front, hostField: host } = text;
  const known = arrivals.get(connection);
  if (known !== undefined && known.host === host && known.front === front) return known.lines;
  const lines = linesOf(forwarded([], text));
  arrivals.set(connection, { host, front, lines });
  return lines;
};

const hostOf = (address: UpstreamAddress): string => {
  switch (address.kind) {
    case 'unix':
      return 'localhost';
    case 'tcp':
    case 'tls': {
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      return address.port === (address.kind === 'tls' ? 443 : 80) ? host : `${host}:${String(address.port)}`;
    }
  }
};

/** Fields that need no care: all but Connection, Keep-Alive, Host when it is replaced, and Transfer-Encoding. */
const plainLines = (text: RequestText): string => {
  const { raw } = text.head;
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    let value = raw[at + 1] ?? '';
    switch (name.length) {
      case 4:
        if (text.ownHost !== null && name.toLowerCase() === 'host') continue;
        break;
      case 6: {
        if (name.toLowerCase() !== 'cookie') break;
        const cookie = text.cookieFor(value);
        if (cookie === undefined) continue;
        value = cookie;
        break;
      }
      case 10: {
        const lower = name.toLowerCase();
        if (lower === 'connection' || lower === 'keep-alive') continue;
        break;
      }
      case 17:
        if (name.toLowerCase() === 'transfer-encoding') continue;
        break;
      default:
    }
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
};

/** Any request. Hop-by-hop fields go first, so none that is added here can be taken away by the client. */
const carefulLines = (text: RequestText): string => {
  const { head, front, ownHost } = text;
  const idName = front.requestId;
  const kept: string[] = [];
  const passed = endToEndRequest(head.raw, true);
  for (let at = 0; at < passed.length; at += 2) {
    const name = passed[at] ?? '';
    const value = passed[at + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'host' && ownHost !== null) continue;
    if (lower.replaceAll('_', '-') === idName) continue;
    // Nobody waits for a 100 there (RFC 9110, section 10.1.1).
    if (lower === 'expect' && head.version === '1.0') continue;
    if (lower === 'cookie') {
      const cookie = text.cookieFor(value);
      if (cookie !== undefined) kept.push(name, cookie);
    } else kept.push(name, value);
  }
  return linesOf(forwarded(kept, text));
};

const connectionLines = ({ upgrade, head }: RequestText): string => {
  if (upgrade) return 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  return valuesOf(head.raw, 'te').some((value) => /(?:^|[\s,])trailers\b/i.test(value))
    ? 'Connection: TE\r\n'
    : '';
};

/** The head with its empty line. */
export const requestText = (text: RequestText): string => {
  const { head, plain, hostField, ownHost, front, requestId } = text;
  let out = `${head.method} ${text.target} HTTP/1.1\r\n`;
  if (ownHost !== null) out += `Host: ${hostOf(ownHost)}\r\n`;
  // HTTP/1.0 may have none, HTTP/1.1 must.
  else if (hostField === '') out += 'Host: localhost\r\n';
  out += plain ? plainLines(text) + plainArrival(text) : carefulLines(text) + connectionLines(text);
  if (front.requestId !== null && requestId !== undefined) out += `${front.requestId}: ${requestId}\r\n`;
  return head.bodyLength === -1 ? `${out}Transfer-Encoding: chunked\r\n\r\n` : `${out}\r\n`;
};
