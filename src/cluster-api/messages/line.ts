/** Everything between this process and one other member, both directions. */
import { Incoming } from './incoming.ts';
import type { Member } from './member.ts';
import { peerOf } from './member.ts';
import type { Sent } from './outgoing.ts';
import { Outgoing } from './outgoing.ts';
import type { Parcel } from './parcel.ts';
import type { Batch, Cargo, Refusal } from './wire.ts';

/** An answer that was not taken for so long is for nobody any more. */
const REPLY_MS = 60_000;

export class Line {
  /** Answers belong to no parcel. */
  readonly #out = new Outgoing<Parcel | undefined>();
  readonly in: Incoming = new Incoming();
  /** With this member, by number. */
  readonly #parcels = new Map<number, Parcel>();
  /** Whether to say what was taken although there is nothing else to say: at once, or with the next tick. */
  #owes: 'nothing' | 'soon' | 'now' = 'nothing';
  /** When the member went, or was last heard of since. */
  goneAt: number | undefined;

  /** Parcels that wait for this member. */
  get load(): number {
    return this.#parcels.size;
  }

  /** What it said or will say may still matter to somebody. */
  isForgotten(now: number): boolean {
    return this.goneAt !== undefined && now - this.goneAt > REPLY_MS;
  }

  give(parcel: Parcel, now: number): number {
    const { kind, topic, value } = parcel;
    const n = this.#out.push({ kind, topic, ...(value === undefined ? {} : { value }) }, parcel, now);
    this.#parcels.set(n, parcel);
    return n;
  }

  reply(cargo: Cargo, now: number): void {
    this.#out.push(cargo, undefined, now);
  }

  parcel(n: number): Parcel | undefined {
    return this.#parcels.get(n);
  }

  /** The parcel is no more this member's. */
  giveUp(n: number): void {
    this.#parcels.delete(n);
    this.#out.giveUp(n);
  }

  /** All parcels it has, in order; nothing is left. */
  clear(): Parcel[] {
    const parcels = [...this.#parcels.values()];
    this.#parcels.clear();
    this.#out.clear();
    return parcels;
  }

  /** Parcels that the other side says it has taken, or refused. */
  taken({ taken, refused = [] }: Batch, now: number): { parcel: Parcel; refusal: Refusal | undefined }[] {
    const refusals = new Map(refused);
    return this.#out.taken(taken, now).flatMap(({ cargo: { n }, parcel }) => {
      // An answer, or given up.
      if (parcel === undefined || !this.#parcels.has(n)) return [];
      const refusal = refusals.get(n);
      if (refusal !== undefined) this.#parcels.delete(n);
      return [{ parcel, refusal }];
    });
  }

  /** A batch came: it has to be acknowledged, again if it came twice. True: at once, somebody waits. */
  owe({ cargo }: Batch): boolean {
    if (cargo.length === 0) return false;
    if (cargo.some(({ kind }) => kind === 'say' || kind === 'ask')) this.#owes = 'now';
    else if (this.#owes === 'nothing') this.#owes = 'soon';
    return this.#owes === 'now';
  }

  get owesAnything(): boolean {
    return this.#owes !== 'nothing';
  }

  /** The next batch that is new; undefined when there is nothing to say. */
  next(now: number): Sent<Parcel | undefined>[] | undefined {
    const sent = this.#out.takeUnsent(now);
    return sent.length > 0 || this.#owes !== 'nothing' ? sent : undefined;
  }

  /** What has to be said again by now; `always`: also if it was said just now. */
  again(now: number, always = false): Sent<Parcel | undefined>[] {
    const sent = always ? this.#out.takeAgain(now) : this.#out.takeOverdue(now);
    for (const { cargo, parcel, bornAt } of sent)
      if (parcel === undefined && now - bornAt > REPLY_MS) this.#out.giveUp(cargo.n);
    return sent;
  }

  /** How long the member has owed us a word; undefined: it does not. */
  silentFor(now: number): number | undefined {
    const since = this.#out.waitingSince;
    if (since !== undefined) return now - since;
    return this.#parcels.size > 0 ? Infinity : undefined;
  }

  /** Whether something of ours was not taken yet. */
  get busy(): boolean {
    return this.#out.size > 0;
  }

  batch(self: Member, sent: readonly Sent<Parcel | undefined>[]): Batch {
    const { taken, refused } = this.in;
    this.#owes = 'nothing';
    return {
      from: self.id,
      peer: peerOf(self),
      base: this.#out.base,
      cargo: sent.map(({ cargo }) => cargo),
      taken,
      ...(refused.length === 0 ? {} : { refused }),
    };
  }
}
