/** From the tag in a signed cookie to the upstream, and where those were that are no more. */
import type { PoolMember } from '../../contract.ts';
import type { Upstream } from '../member.ts';

/** So many of those who went are remembered, for the count of who moved away from their place. */
const MOST_GONE = 1_000;

export class Homes {
  readonly #tagOf: (id: string) => string;
  #tags = new Map<PoolMember, string>();
  #byTag = new Map<string, Upstream>();
  readonly #gone = new Map<string, string>();

  constructor(tagOf: (id: string) => string) {
    this.#tagOf = tagOf;
  }

  update(members: readonly Upstream[]): void {
    const before = this.#tags;
    const tagged = members.map((one) => [one, before.get(one) ?? this.#tagOf(one.id)] as const);
    this.#tags = new Map(tagged);
    this.#byTag = new Map(tagged.map(([one, tag]) => [tag, one]));
    for (const [one, tag] of before) if (!this.#byTag.has(tag)) this.#gone.set(tag, one.place);
    for (const tag of this.#gone.keys()) {
      if (this.#gone.size <= MOST_GONE) break;
      this.#gone.delete(tag);
    }
  }

  find(tag: string | undefined): Upstream | undefined {
    return tag === undefined ? undefined : this.#byTag.get(tag);
  }

  /** Of those who were members once too. */
  isAt(tag: string | undefined, upstream: PoolMember): boolean {
    return tag !== undefined && tag === (this.#tags.get(upstream) ?? this.#tagOf(upstream.id));
  }

  /**
   * A session with this tag is served at `to` from now on. It counts where it left; of an upstream that
   * is no more, for who has its place now; of one that this process never knew, for where it came to.
   */
  moved(tag: string, to: PoolMember): void {
    const place = this.#gone.get(tag) ?? to.place;
    const from = this.#byTag.get(tag) ?? this.#at(place) ?? this.find(this.#tags.get(to));
    if (from !== undefined) from.moved += 1;
  }

  #at(place: string): Upstream | undefined {
    for (const one of this.#byTag.values()) if (one.place === place) return one;
    return undefined;
  }
}
