/**
 * The connections to all upstreams, by upstream. Last in, first out: a few stay warm and the rest grow old
 * and are closed, before the upstream closes them itself while a request is on its way.
 */
import type { PoolMember } from '../contract.ts';
import { joinTicker, leaveTicker, tickNow } from '../ticker.ts';
import type { Ticking } from '../ticker.ts';
import type { Keeper, Taker } from './connection.ts';
import { UpstreamConnection } from './connection.ts';

/** Node's servers close what is idle for 5 s, and say so; who says nothing may be one of an older kind. */
const IDLE_MS = 4000;
const MOST_IDLE_MS = 60_000;
/** A second before the upstream's own end: the two clocks run apart by a journey there and back. */
const MARGIN_MS = 1000;
const MOST_IDLE = 256;

const idleLimit = ({ keepAliveMs }: UpstreamConnection): number =>
  keepAliveMs === 0 ? IDLE_MS : Math.min(MOST_IDLE_MS, Math.max(keepAliveMs / 2, keepAliveMs - MARGIN_MS));

/** Those of one upstream. */
class MemberConnections implements Keeper {
  readonly idle: UpstreamConnection[] = [];
  readonly all: Set<UpstreamConnection> = new Set();
  closed = false;

  onFree(connection: UpstreamConnection): void {
    if (this.closed || this.idle.length >= MOST_IDLE) {
      connection.destroy();
      return;
    }
    connection.idleSince = tickNow;
    this.idle.push(connection);
  }

  onGone(connection: UpstreamConnection): void {
    this.all.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
  }

  /** The oldest stand first. */
  closeOld(now: number): void {
    for (;;) {
      const oldest = this.idle[0];
      if (oldest === undefined || now - oldest.idleSince < idleLimit(oldest)) return;
      oldest.destroy();
    }
  }

  close(): void {
    this.closed = true;
    while (this.idle.length > 0) this.idle[0]?.destroy();
  }
}

export class UpstreamConnections implements Ticking {
  tickIndex = -1;
  private readonly members: Map<PoolMember, MemberConnections> = new Map();

  /** One that is idle, to be used at once; undefined: there is none. */
  takeIdle(member: PoolMember): UpstreamConnection | undefined {
    return this.members.get(member)?.idle.pop();
  }

  /** A new one; the taker is told when it is there, or that it failed. */
  open(member: PoolMember, taker: Taker, preamble: Uint8Array | null): UpstreamConnection {
    let of = this.members.get(member);
    if (of === undefined) {
      of = new MemberConnections();
      this.members.set(member, of);
      if (this.tickIndex === -1) joinTicker(this);
    }
    const connection = new UpstreamConnection(member, of, taker, preamble);
    connection.single = preamble !== null;
    of.all.add(connection);
    return connection;
  }

  /** Who is no member any more: what is idle ends now, and what is open with its response. */
  forget(member: PoolMember): void {
    this.members.get(member)?.close();
    this.members.delete(member);
  }

  /** Forgets all but these; for a new snapshot. */
  retain(members: ReadonlySet<PoolMember>): void {
    for (const member of [...this.members.keys()]) if (!members.has(member)) this.forget(member);
  }

  /** How many are open, and how many of them idle. */
  count(member: PoolMember): { readonly open: number; readonly idle: number } {
    const of = this.members.get(member);
    return { open: of?.all.size ?? 0, idle: of?.idle.length ?? 0 };
  }

  close(): void {
    this.retain(new Set());
    leaveTicker(this);
  }

  onTick(now: number): void {
    for (const of of this.members.values()) of.closeOld(now);
  }
}
