/** Parts of the settings of balancing that are written as objects of their own. */

/** A certificate and its key, as PEM files. */
export interface CertificateConfig {
  readonly cert: string;
  readonly key: string;
}

export interface TlsConfig extends Partial<CertificateConfig> {
  /** For several names (SNI). The first is for clients that say no name. */
  readonly certificates?: readonly CertificateConfig[];
  /** `TLSv1.2` unless said otherwise. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Whether HTTP/2 is offered; true unless said otherwise. */
  readonly http2?: boolean;
}

export interface ListenConfig {
  readonly address: string;
  readonly tls?: TlsConfig | readonly CertificateConfig[] | 'none' | false | null;
  readonly proxyProtocol?: boolean;
}

export interface UpstreamConfig {
  readonly url: string;
  /** 1 unless said otherwise. */
  readonly weight?: number;
  /** Serves when no other can. */
  readonly backup?: boolean;
}

/** Which requests, and one of `to`, `redirect` and `respond`. */
export interface RouteConfig {
  /** `POST api.example.com/v1/* header:x-beta`; all requests unless said otherwise. */
  readonly match?: string;
  /** An app, a pool, or addresses. */
  readonly to?: string | readonly (string | UpstreamConfig)[];
  /** An URL, in which {host}, {path} and {query} are replaced. */
  readonly redirect?: string;
  /** A body, or only a status. */
  readonly respond?: string | number;
  /** Of redirect (302) and respond (200). */
  readonly status?: number;
  /** Of respond. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the route's path, or this prefix, off the path. */
  readonly strip?: boolean | string;
  /** Puts this before the path. */
  readonly add?: string;
  /** `10/s`, `600/m burst 50 by header:x-user`. */
  readonly rate?: string | false | null;
}

/** Requests that only some workers serve. */
export interface SplitConfig {
  /** `header:x-tenant`, `jwt:sub`, … */
  readonly key: string;
  /** Slots (`0-1`, `2`) or addresses by the group's name. */
  readonly groups: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  readonly table?: Readonly<Record<string, string>>;
  readonly hash?: true;
  /** A module whose default export takes the key and gives the name of a group. */
  readonly function?: string;
  /** The beginning of names in the shared state whose values are names of groups. */
  readonly state?: string;
  /** For keys without a group; they get 404 unless said otherwise. */
  readonly fallback?: string | null;
}
