/** An upstream with all that a pool keeps of it. The object stays the same over every snapshot. */
import type {
  MemberSnapshot,
  MemberState,
  PoolSettings,
  UpstreamAddress,
  UpstreamReport,
} from '../../protocol/balance.ts';
import type { PoolMember } from '../contract.ts';
import type { Availability } from '../eligible.ts';
import { hashOf } from '../hash-of.ts';
import type { Recovering } from '../slow-start.ts';
import type { Timing } from '../upstream.ts';
import { availabilityOf } from './availability.ts';
import type { ActiveState } from './health/active-state.ts';
import { Breaker } from './health/breaker.ts';

export class Upstream implements PoolMember, Recovering {
  readonly id: string;
  readonly place: string;
  readonly slot: number | null;
  /** Of the place, so that after a restart the same keys come back. */
  readonly hash: number;
  readonly address: UpstreamAddress;
  readonly pulse: string | null;
  readonly timing: Timing = { ewmaMs: 0, observedAt: -Infinity, quietSince: -Infinity };
  /** As it shall be now; `availability` follows from what stands below. */
  availability: Availability = 'up';
  backup: boolean = false;
  fullWeight: number = 1;
  weight: number = 1;
  maxInFlight: number = Infinity;
  recoveredAt: number = -Infinity;
  state: MemberState = 'up';
  active: ActiveState = { kind: 'unchecked' };
  readonly breaker: Breaker = new Breaker();
  blocked = false;
  inFlight = 0;
  credit = 0;
  heard = 0;
  requests = 0;
  failures = 0;
  connectErrors = 0;
  reused = 0;
  moved = 0;
  ejections = 0;

  constructor({ id, place, slot, address, pulse }: MemberSnapshot) {
    this.id = id;
    this.place = place;
    this.slot = slot;
    this.hash = hashOf(place);
    this.address = address;
    this.pulse = pulse;
  }

  /** Whether it is still the same one, which a new snapshot tells of. */
  is({ id, place, slot, address, pulse }: MemberSnapshot): boolean {
    return (
      this.id === id &&
      this.place === place &&
      this.slot === slot &&
      this.pulse === pulse &&
      JSON.stringify(this.address) === JSON.stringify(address)
    );
  }

  /** The weight is whole: who made the snapshot has put `weights` of the settings into it, and commands. */
  configure({ weight, backup, state }: MemberSnapshot, settings: PoolSettings): void {
    this.fullWeight = weight;
    this.backup = backup;
    this.state = state;
    this.maxInFlight = settings.maxInFlight ?? Infinity;
  }

  /** What `availability` should be. */
  get due(): Availability {
    return availabilityOf(this.state, this.active, this.breaker.state, this.blocked);
  }

  /** Answers, as far as anybody knows. */
  get healthy(): boolean {
    return availabilityOf('up', this.active, this.breaker.state, this.blocked) === 'up';
  }

  report(): UpstreamReport {
    const { id, place, availability, weight, inFlight, requests } = this;
    const { failures, connectErrors, ejections, reused, moved } = this;
    return {
      ...{ id, place, availability, weight, inFlight, requests },
      ...{ failures, connectErrors, ejections, reused, moved },
    };
  }
}
