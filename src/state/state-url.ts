/** Where state is kept, as one line of text: what SKEIN_STATE and the option `url` say. */
import { SkeinError } from '../core/errors.ts';

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

interface RedisLogin {
  /** For messages, without a password. */
  readonly label: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  readonly database: number;
  readonly nodes: readonly HostAndPort[];
}

export type RedisAddress =
  | (RedisLogin & { readonly kind: 'single' | 'cluster' })
  | (RedisLogin & { readonly kind: 'unix'; readonly path: string })
  | (RedisLogin & { readonly kind: 'sentinel'; readonly name: string });

/** A store of a state server of Skein. */
export interface EmbeddedAddress {
  /** Of its socket; without it the one of the Skein that runs this worker. */
  readonly path?: string;
  /** Default: the name of the app. */
  readonly store?: string;
}

export type StateUrl =
  | { readonly engine: 'memory' }
  | { readonly engine: 'embedded'; readonly address: EmbeddedAddress }
  | { readonly engine: 'redis'; readonly address: RedisAddress }
  | { readonly engine: 'memcached'; readonly address: MemcachedAddress };

export interface MemcachedAddress {
  readonly nodes: readonly HostAndPort[];
}

const HINT =
  'Write memory:, embedded:, redis://host:6379, redis+sentinel://host:26379/name, redis+cluster://host:6379,host:6380 or memcached://host:11211.';

const refuse = (text: string, reason: string): SkeinError =>
  new SkeinError('E_STATE_ENGINE', {
    // What stands before the @ may be a password.
    what: JSON.stringify(text.replace(/\/\/.*@/, '//…@')),
    reason,
    hint: HINT,
  });

const toNode = (text: string, whole: string, defaultPort: number): HostAndPort => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535)
    throw refuse(whole, 'an address in it is not host:port');
  return { host, port: number };
};

const form = /^(?:([^@]*)@)?([^/?#]*)(?:\/([^?#]*))?$/;

const decoded = (text: string, whole: string, part = 'login'): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(whole, `the ${part} in it is not encoded`);
  }
};

const login = (text: string | undefined, whole: string): { username?: string; password?: string } => {
  if (text === undefined || text === '') return {};
  const colon = text.indexOf(':');
  const username = decoded(colon === -1 ? text : text.slice(0, colon), whole);
  const password = colon === -1 ? undefined : decoded(text.slice(colon + 1), whole);
  return { ...(username === '' ? {} : { username }), ...(password === undefined ? {} : { password }) };
};

const toDatabase = (text: string | undefined, whole: string): number => {
  if (text === undefined || text === '') return 0;
  if (!/^\d{1,4}$/.test(text)) throw refuse(whole, `the database ${text} is not a number`);
  return Number(text);
};

const parseRedis = (scheme: string, rest: string, whole: string): RedisAddress => {
  const [, user, hosts = '', path = ''] = form.exec(rest) ?? [];
  if (form.exec(rest) === null || hosts === '') throw refuse(whole, 'it names no host');
  const tls = scheme.startsWith('rediss');
  const kind = scheme.endsWith('+sentinel') ? 'sentinel' : scheme.endsWith('+cluster') ? 'cluster' : 'single';
  const defaultPort = kind === 'sentinel' ? 26_379 : 6_379;
  const nodes = hosts.split(',').map((host) => toNode(host, whole, defaultPort));
  const base = { label: `Redis at ${hosts}`, ...login(user, whole), tls, nodes };
  switch (kind) {
    case 'single':
      if (nodes.length > 1) throw refuse(whole, 'several hosts are a cluster or sentinels');
      return { kind, ...base, database: toDatabase(path, whole) };
    case 'cluster':
      if (path !== '') throw refuse(whole, 'a cluster has no databases');
      return { kind, ...base, database: 0 };
    case 'sentinel': {
      const [name = '', database] = path.split('/');
      if (name === '') throw refuse(whole, 'it does not say which master the sentinels watch');
      return { kind, ...base, name: decoded(name, whole), database: toDatabase(database, whole) };
    }
  }
};

/** `<encoded path>?store=<encoded name>`, either part or none. */
const parseEmbedded = (rest: string, whole: string): EmbeddedAddress => {
  const [, encodedPath = '', encodedStore] = /^([^?]*)(?:\?store=([^&]+))?$/.exec(rest) ?? [];
  if (encodedPath === '' && encodedStore === undefined && rest !== '')
    throw refuse(whole, 'embedded: is followed by a path and ?store=, or by nothing');
  const path = decoded(encodedPath, whole, 'path');
  if (path !== '' && !path.startsWith('/')) throw refuse(whole, 'the path of the socket is not absolute');
  return {
    ...(path === '' ? {} : { path }),
    ...(encodedStore === undefined ? {} : { store: decoded(encodedStore, whole, 'store') }),
  };
};

/** Throws E_STATE_ENGINE, without the password that may be in `text`. */
export const parseStateUrl = (text: string): StateUrl => {
  const [, scheme = '', rest = ''] = /^([a-z+]+):(?:\/\/)?(.*)$/.exec(text) ?? [];
  switch (scheme) {
    case 'memory':
      if (rest !== '') throw refuse(text, 'memory: has nothing behind the colon');
      return { engine: 'memory' };
    case 'embedded':
      return { engine: 'embedded', address: parseEmbedded(rest, text) };
    case 'redis':
    case 'rediss':
    case 'redis+sentinel':
    case 'rediss+sentinel':
    case 'redis+cluster':
    case 'rediss+cluster':
      return { engine: 'redis', address: parseRedis(scheme, rest, text) };
    case 'redis+unix': {
      const address = {
        kind: 'unix',
        label: `Redis at ${rest}`,
        path: rest,
        tls: false,
        database: 0,
        nodes: [],
      } as const;
      if (!rest.startsWith('/')) throw refuse(text, 'the path of the socket is not absolute');
      return { engine: 'redis', address };
    }
    case 'memcached': {
      if (rest === '') throw refuse(text, 'it names no host');
      return {
        engine: 'memcached',
        address: { nodes: rest.split(',').map((host) => toNode(host, text, 11_211)) },
      };
    }
    default:
      throw refuse(text, 'there is no such engine');
  }
};
