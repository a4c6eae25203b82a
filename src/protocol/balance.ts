/**
 * Balancing, as settings and as what the supervisor tells a balancer.
 *
 *   PoolSettings       how requests are spread over the workers of one app, or over other machines
 *   BalancerSettings   one balancer: where it listens, its routes, what it trusts and how it protects
 *   BalancerSnapshot   all that a balancer goes by at one moment; the supervisor sends a whole new one
 *                      at every change, and the balancer says by its revision that it goes by it
 *
 * A balancer is an app whose script is Skein's own (src/entry/balancer.ts). Every value is decided
 * here: defaults are in src/config/balance-defaults.ts.
 */

/** Where a request's key is. What is not there is '' and counts as no key. */
export type KeySource =
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'cookie'; readonly name: string }
  | { readonly from: 'query'; readonly name: string }
  /** The client's address, behind trusted proxies the one they tell. */
  | { readonly from: 'address' }
  /** `/a/b/c`: segment 0 is `a`. */
  | { readonly from: 'path'; readonly segment: number }
  /** A claim of a JWT, whose signature is not checked. `header`: lower case; `Bearer ` is taken off. */
  | { readonly from: 'jwt'; readonly header: string; readonly claim: string };

export type PolicySettings =
  | { readonly name: 'round-robin' | 'least-connections' | 'power-of-two' | 'least-time' | 'random' }
  | { readonly name: 'hash'; readonly by: KeySource };

export type StickySettings =
  /** A cookie of the balancer's own; `maxAgeMs` null: until the browser closes. */
  | { readonly by: 'cookie'; readonly name: string; readonly maxAgeMs: number | null }
  /** What the app sets in this cookie is remembered with the worker that set it. */
  | { readonly by: 'app-cookie'; readonly name: string }
  /** Requests with the same value of it go to the same upstream; as the policy `hash`. */
  | { readonly by: 'header'; readonly name: string }
  | { readonly by: 'address' };

/** Sharding: a request's key says which group of upstreams serves it. */
export interface SplitSettings {
  readonly key: KeySource;
  /** Group by name: slots of the app (`0-1`, `2`) as numbers, or upstream ids. */
  readonly groups: Readonly<Record<string, readonly (number | string)[]>>;
  readonly by:
    /** Key to group. */
    | { readonly kind: 'table'; readonly table: Readonly<Record<string, string>> }
    /** Consistent, over all groups. */
    | { readonly kind: 'hash' }
    /** Absolute path of a module whose default export takes the key and gives the group's name or undefined. */
    | { readonly kind: 'function'; readonly module: string }
    /** The group's name is the value under `<prefix><key>` in the shared state (`skein/state`). */
    | { readonly kind: 'state'; readonly prefix: string };
  /** For keys that name no group; null: such requests get a 404. */
  readonly fallback: string | null;
}

export interface ActiveHealth {
  readonly kind: 'http' | 'tcp';
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  /** Inclusive ranges of status codes. */
  readonly expectStatus: readonly (readonly [number, number])[];
  /** Must be in the first 64 KiB of the body; null: any body. */
  readonly expectBody: string | null;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many failures in a row take it out, so many successes bring it back. */
  readonly fall: number;
  readonly rise: number;
}

export interface PassiveHealth {
  /** Failures in a row (no connection, broken answers, 502, 503 and 504) that eject an upstream. */
  readonly failures: number;
  /** Share of failures (0 to 1) over the window that ejects it, from `minimumRequests` on. */
  readonly errorRate: number;
  readonly minimumRequests: number;
  readonly windowMs: number;
  /** The first ejection; each further one in a row is longer, up to ten times. */
  readonly ejectMs: number;
  /** Never more than this share of the pool (0 to 1) at the same time, so that one bad URL cannot empty it. */
  readonly maxEjected: number;
}

export interface PoolSettings {
  readonly policy: PolicySettings;
  readonly sticky: StickySettings | null;
  readonly split: SplitSettings | null;
  /** null: none, as for workers of this Skein, which say themselves how they are. */
  readonly activeHealth: ActiveHealth | null;
  readonly passiveHealth: PassiveHealth | null;
  /** Weight by slot (first is slot 0) or in the order of `to`; what is missing is 1. */
  readonly weights: readonly number[];
  readonly slowStartMs: number;
  readonly retry: {
    /** Tries in all, the first included; 1: never again. */
    readonly tries: number;
    readonly connectTries: number;
    /** PUT and DELETE too. */
    readonly idempotent: boolean;
    /** Retries per request over 10 s (0 to 1), and how many there may always be. */
    readonly budget: number;
    readonly budgetAtLeast: number;
  };
  /** Requests and tunnels at the same time in one upstream; null: no limit. */
  readonly maxInFlight: number | null;
  readonly queue: {
    /** Requests that may wait, for a place in an upstream or for one to be there. */
    readonly size: number;
    readonly timeoutMs: number;
  };
  readonly connectTimeoutMs: number;
  /** From the request's last byte to the response's head. */
  readonly responseTimeoutMs: number;
  /** A body or a response that does not move for so long. */
  readonly idleTimeoutMs: number;
  /** A tunnel without a byte; null: never. */
  readonly tunnelTimeoutMs: number | null;
  /** Sent to upstreams; null: none. */
  readonly proxyProtocol: 'v1' | 'v2' | null;
  /** The Host an upstream sees: the client's, or its own. */
  readonly host: 'keep' | 'upstream';
}

/** Where an upstream is: `unix` paths are absolute. */
export type UpstreamAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** TLS to the upstream; its certificate is checked against `host` unless `insecure`. */
  | { readonly kind: 'tls'; readonly host: string; readonly port: number; readonly insecure: boolean };

export interface TlsSettings {
  /** Absolute paths of PEM files; several for several names (SNI). The first is for clients without a name. */
  readonly certificates: readonly { readonly cert: string; readonly key: string }[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly http2: boolean;
}

export interface ListenSettings {
  /** `127.0.0.1:8080`, `[::]:443`, `unix:/absolute/path`. */
  readonly address: string;
  readonly tls: TlsSettings | null;
  /** Every connection begins with a PROXY protocol header; those of who is not trusted are refused. */
  readonly proxyProtocol: boolean;
}

export interface RouteMatch {
  /** `api.example.com`, `*.example.com`, `*`. Lower case, without a port. */
  readonly host: string;
  /** A path prefix that ends at a `/` or at the end: `/v1` matches `/v1` and `/v1/x`, not `/v10`. `/` is all. */
  readonly path: string;
  /** Empty: any. */
  readonly methods: readonly string[];
  /** Header (lower case) and the value it must have; null: it must be there. */
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  /** Only what comes in at this address of `listen`; absent: at any. */
  readonly listener?: string;
}

export type RouteAction =
  /** To a pool of the snapshot, by its name. */
  | { readonly kind: 'pool'; readonly pool: string }
  /** `location` may have `{host}`, `{path}` and `{query}` (with its `?`) in it. */
  | { readonly kind: 'redirect'; readonly status: 301 | 302 | 303 | 307 | 308; readonly location: string }
  | {
      readonly kind: 'respond';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

export interface RouteSettings {
  /** As it was written, for people: `api.example.com/v1/* -> api`. Names the route in logs and metrics. */
  readonly text: string;
  /** Where it stands in the config: `balancer.routes[2]`. */
  readonly place: string;
  readonly match: RouteMatch;
  readonly action: RouteAction;
  /** Taken off the path before anything else; '' for nothing. */
  readonly stripPrefix: string;
  /** Put before the path then; '' for nothing. */
  readonly addPrefix: string;
  /** null: none of its own. */
  readonly rateLimit: RateLimit | null;
}

/** A token bucket for each key. */
export interface RateLimit {
  readonly key: KeySource;
  /** Tokens that come back in a second, and how many there can be. */
  readonly perSecond: number;
  readonly burst: number;
}

export interface Limits {
  /** Bytes of a request's line and header fields together, and how many fields. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** From a connection's first byte, or a request's, to the end of its head. */
  readonly headerTimeoutMs: number;
  /** Between two chunks of a request's body, and the least bytes per second over its whole length. */
  readonly bodyTimeoutMs: number;
  readonly bodyBytesPerSecond: number;
  /** null: no limit. */
  readonly bodyBytes: number | null;
  /** A connection without a request. */
  readonly keepAliveTimeoutMs: number;
  /** Requests over one connection; null: any number. */
  readonly keepAliveRequests: number | null;
  readonly connections: number | null;
  readonly connectionsPerAddress: number | null;
  readonly rate: RateLimit | null;
}

export interface AccessLog {
  /** `off`, or where lines go: standard output of the balancer, which is the log of its app. */
  readonly format: 'off' | 'combined' | 'json';
}

/** What all listeners and routes of a balancer have in common. */
export interface FrontSettings {
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-*, Forwarded and PROXY headers count. */
  readonly trust: readonly string[];
  readonly limits: Limits;
  readonly accessLog: AccessLog;
  /**
   * `Via` and the `by` of Forwarded; no two balancers have the same, or what goes through both is taken for a
   * circle. Empty in settings: one of its own, which is in the snapshot.
   */
  readonly pseudonym: string;
  /** Header with a request's id, lower case; null: none. */
  readonly requestId: string | null;
  /** Also send `Forwarded` (RFC 7239). */
  readonly forwarded: boolean;
  /** Tunnels that a drain ends, at most so many per second. */
  readonly closeTunnelsPerSecond: number;
}

/** A pool of upstreams that are not workers of this Skein. */
export interface RemotePool {
  readonly settings: PoolSettings;
  readonly to: readonly { readonly address: UpstreamAddress; readonly backup: boolean }[];
}

export interface BalancerSettings extends FrontSettings {
  /** The app whose listening addresses it takes and whose workers it serves; null: it stands alone. */
  readonly frontOf: string | null;
  readonly listen: readonly ListenSettings[];
  /** In the order of their match, most specific first. */
  readonly routes: readonly RouteSettings[];
  /** By name; routes name these, or apps of this Skein. */
  readonly pools: Readonly<Record<string, RemotePool>>;
}

/** How an app with a balancer before it is balanced: `AppSpec.balance`. */
export interface BalanceSettings {
  readonly pool: PoolSettings;
  /** The balancer on the app's own public addresses; null: only routes of other balancers lead to it. */
  readonly front: (FrontSettings & { readonly workers: number; readonly tls: TlsSettings | null }) | null;
}

/** What a person or the supervisor says about an upstream. */
export type MemberState =
  | 'up'
  /** Takes nothing new but keeps its sessions and what is open. */
  | 'draining'
  /** Takes nothing at all. */
  | 'maintenance';

export interface MemberSnapshot {
  /** One for each process ever started, or the address: what the sticky cookie means. */
  readonly id: string;
  /** The same after a restart: what the policy `hash` and `weights` go by. `app/0`, or the address. */
  readonly place: string;
  /** null for another machine's. */
  readonly slot: number | null;
  readonly address: UpstreamAddress;
  /** Unix socket on which the worker's preload answers each byte with one: its event loop turns. */
  readonly pulse: string | null;
  /** `weights` of the settings, or what a command says, is in it. */
  readonly weight: number;
  readonly backup: boolean;
  readonly state: MemberState;
}

export interface PoolSnapshot {
  readonly name: string;
  readonly settings: PoolSettings;
  readonly members: readonly MemberSnapshot[];
  /** More will come (a start, a rollout, a restart): requests wait for them. False: nobody will. */
  readonly expected: boolean;
}

/** Plain data, whole; `revision` counts up for each balancer app. */
export interface BalancerSnapshot {
  readonly revision: number;
  readonly front: FrontSettings;
  readonly listen: readonly ListenSettings[];
  readonly routes: readonly RouteSettings[];
  readonly pools: readonly PoolSnapshot[];
  /** Base64; signs sticky cookies. The same in all balancers that share sessions. */
  readonly stickyKey: string;
  /** Base64, 48 bytes; TLS session tickets, the same in all workers. */
  readonly ticketKeys: string;
}

/** From a balancer worker to the supervisor. */
export type FromBalancer =
  /** It goes by this snapshot. */
  | { readonly say: 'applied'; readonly revision: number }
  /** It cannot, and goes on by the one before. `place`: where in the config. */
  | { readonly say: 'refused'; readonly revision: number; readonly place: string; readonly reason: string }
  /** Something that operators may want to know: an upstream was ejected, the queue is full. */
  | { readonly say: 'noticed'; readonly text: string }
  /** Once a second when something changed: what `describe` and the metrics show. */
  | { readonly say: 'report'; readonly report: BalancerReport };

export interface UpstreamReport {
  readonly id: string;
  readonly place: string;
  readonly availability: string;
  readonly weight: number;
  readonly inFlight: number;
  readonly requests: number;
  /** Connections refused, broken or timed out, and answers 502, 503 and 504. */
  readonly failures: number;
  readonly ejections: number;
  /** Requests over a connection that was there already. */
  readonly reused: number;
  /** Sessions that left it for another. */
  readonly moved: number;
  /** Connections that could not be made. */
  readonly connectErrors?: number;
  /** Until the head of its answers, by the bounds of the report's `latency`. */
  readonly latency?: readonly number[];
}

/** Counters of one balancer worker since its start, and gauges. */
export interface BalancerReport {
  readonly connections: number;
  readonly tunnels: number;
  readonly inFlight: number;
  readonly queued: number;
  readonly requests: number;
  readonly retries: number;
  /** Answered by the balancer itself with an error, by status. */
  readonly errors: Readonly<Record<string, number>>;
  /** `route text \0 upstream place \0 status` to count. */
  readonly responses: Readonly<Record<string, number>>;
  /** Whole requests without tunnels, milliseconds: upper bounds and the count in each range, the last without a bound. */
  readonly latency: {
    readonly bounds: readonly number[];
    readonly counts: readonly number[];
    readonly sumMs?: number;
  };
  readonly pools: Readonly<Record<string, readonly UpstreamReport[]>>;
  /** How requests ended (`--`, `CH`, `SC` …) to count. */
  readonly ends?: Readonly<Record<string, number>>;
  /** Bytes of bodies and tunnels, from clients and to them. */
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  /** Lines of the access log that nobody took. */
  readonly linesDropped?: number;
}
