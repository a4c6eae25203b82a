/** The members that this process knows of, and until when it believes in them. */
import type { Member } from './member.ts';

/** A member that has not renewed itself for so long is taken for dead. */
export const LEASE_MS = 10_000;

/** How long it is remembered that a member has gone, so that no old news brings it back. */
const MEMORY_MS = 60_000;

export type End = 'left' | 'died';

interface Known {
  readonly member: Member;
  readonly version: number;
  readonly until: number;
}

export class Roster {
  readonly #known = new Map<string, Known>();
  readonly #gone = new Map<string, { readonly version: number; readonly until: number }>();
  #list: readonly Member[] | undefined;

  get members(): readonly Member[] {
    return (this.#list ??= [...this.#known.values()].map(({ member }) => member));
  }

  get(id: string): Member | undefined {
    return this.#known.get(id)?.member;
  }

  /** The version of its record. */
  versionOf(id: string): number | undefined {
    return this.#known.get(id)?.version;
  }

  /** Whether anything is different now. `version`: of the entry the record was read from. */
  set(member: Member, version: number, now: number): boolean {
    const before = this.#known.get(member.id);
    if (version <= (this.#gone.get(member.id)?.version ?? 0) || version < (before?.version ?? 0))
      return false;
    this.#gone.delete(member.id);
    // What was learned since, and is not in a record yet, stays until the record changes.
    const same = before !== undefined && before.member.revision === member.revision;
    const next = same ? before.member : member;
    this.#known.set(member.id, { member: next, version, until: now + LEASE_MS });
    if (same) return false;
    this.#list = undefined;
    return true;
  }

  /** Something a member said itself, before its record did. */
  learn(id: string, news: Partial<Pick<Member, 'phase' | 'hears' | 'answers'>>): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    this.#known.set(id, { ...known, member: { ...known.member, ...news } });
    this.#list = undefined;
  }

  /** Undefined when it was not known. A member that goes without having said so has died. */
  remove(id: string, now: number, version = 0): End | undefined {
    const known = this.#known.get(id);
    const last = Math.max(version, known?.version ?? 0, this.#gone.get(id)?.version ?? 0);
    this.#gone.set(id, { version: last, until: now + MEMORY_MS });
    if (known === undefined) return undefined;
    this.#known.delete(id);
    this.#list = undefined;
    return known.member.phase === 'leaving' ? 'left' : 'died';
  }

  /** This process did not look for a while: what the others said meanwhile is still to be read. */
  forgive(now: number): void {
    for (const [id, known] of this.#known) this.#known.set(id, { ...known, until: now + LEASE_MS });
  }

  /** Ids of members whose time is over; they are still in. */
  overdue(now: number): string[] {
    for (const [id, { until }] of this.#gone) if (until <= now) this.#gone.delete(id);
    return [...this.#known].filter(([, { until }]) => until <= now).map(([id]) => id);
  }
}
