/** What the control API shows of balancers, and what it takes for single upstreams (control.ts has the paths). */
import type { BalancerReport, MemberState } from './balance.ts';

/** One upstream of a pool, as all workers of a balancer see it together. */
export interface UpstreamView {
  /** `api/0`: the worker in that slot; or an address. */
  readonly place: string;
  /** One for each process ever started, or the address. */
  readonly id: string;
  readonly address: string;
  readonly backup: boolean;
  /** What the supervisor says of it: by command, or because its worker leaves. */
  readonly state: MemberState;
  /** How many of the balancer's workers find it `up`, `blocked`, `down`, `ejected`, `draining`, `maintenance`. */
  readonly availability: Readonly<Record<string, number>>;
  /** By the settings, or by command. */
  readonly weight: number;
  /** What was changed by command. */
  readonly byCommand: UpstreamOverride | null;
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  readonly connectErrors: number;
  readonly ejections: number;
  readonly reused: number;
  readonly moved: number;
  /** Until the head of its answers; null: it has answered nothing yet. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface PoolView {
  readonly name: string;
  readonly policy: string;
  /** Workers will come: requests wait for them. */
  readonly expected: boolean;
  readonly upstreams: readonly UpstreamView[];
}

/** One worker of a balancer. */
export interface BalancerWorkerView {
  readonly slot: number;
  readonly pid: number | null;
  /** Of the snapshot it goes by; 0: none yet. */
  readonly revision: number;
  /** Why it does not go by the newest. */
  readonly refused: { readonly place: string; readonly reason: string } | null;
}

export interface BalancerView {
  /** Of the balancer as an app. */
  readonly name: string;
  /** The app it stands before; null: it stands alone. */
  readonly frontOf: string | null;
  readonly listen: readonly string[];
  /** Of the newest snapshot; 0: there is none yet. */
  readonly revision: number;
  readonly workers: readonly BalancerWorkerView[];
  readonly routes: readonly { readonly text: string; readonly place: string; readonly requests: number }[];
  readonly pools: readonly PoolView[];
  /** Of all its workers together, since they started; null: none has reported yet. */
  readonly totals: BalancerReport | null;
  /** Of whole requests. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface BalancerList {
  readonly version: number;
  readonly balancers: readonly BalancerView[];
}

/** What a person has said about an upstream; absent: as the settings say. */
export interface UpstreamOverride {
  readonly state?: Exclude<MemberState, 'up'>;
  readonly weight?: number;
}

/** Changes an upstream at once, until it is changed again; new supervisors and workers keep to it. */
export interface UpstreamRequest {
  /** An app with `balance`: for all balancers that lead to it. A balancer: for this one. */
  readonly app: string;
  /** A slot (`0`), or the upstream's place: `api/0`, `10.0.0.7:3000`. */
  readonly upstream: string;
  readonly state?: MemberState;
  /** From 0 (nothing new) on; null: that of the settings again. */
  readonly weight?: number | null;
}

export interface UpstreamChanged {
  readonly app: string;
  readonly place: string;
  readonly state: MemberState;
  /** null: that of the settings. */
  readonly weight: number | null;
}
