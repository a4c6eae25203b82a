/** Sharding: which part of the pool a request may go to. */
import type { SplitSettings } from '../../../protocol/balance.ts';
import type { Asking } from '../../contract.ts';
import type { Upstream } from '../member.ts';
import type { PoolTools } from '../tools.ts';
import { groupsOf } from './groups.ts';
import type { LookUp } from './look-up.ts';
import { lookUpFor } from './look-up-for.ts';

/** The group's name, or why there is none. */
export type Found =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'no-group' }
  | { readonly kind: 'look-up-failed' };

const NO_GROUP: Found = { kind: 'no-group' };
const FAILED: Found = { kind: 'look-up-failed' };
/** What goes wrong for one goes wrong for many, and is said once in so long. */
const SAY_AGAIN_MS = 10_000;

export class Split {
  readonly #settings: SplitSettings;
  readonly #tools: PoolTools;
  readonly #pool: string;
  readonly #lookUp: LookUp;
  readonly #found: ReadonlyMap<string, Found>;
  readonly #fallback: Found | undefined;
  #groups: ReadonlyMap<string, readonly Upstream[]> = new Map();
  #quietUntil = -Infinity;

  constructor(pool: string, settings: SplitSettings, tools: PoolTools) {
    this.#pool = pool;
    this.#settings = settings;
    this.#tools = tools;
    this.#lookUp = lookUpFor(pool, settings, tools);
    this.#found = new Map(Object.keys(settings.groups).map((name) => [name, { kind: 'group', name }]));
    this.#fallback = settings.fallback === null ? undefined : this.#found.get(settings.fallback);
  }

  members(members: readonly Upstream[]): void {
    this.#groups = groupsOf(this.#settings.groups, members);
  }

  of(group: string): readonly Upstream[] {
    return this.#groups.get(group) ?? [];
  }

  /** Never throws nor rejects. */
  groupOf(asking: Asking): Found | Promise<Found> {
    const key = asking.keyOf(this.#settings.key);
    if (key === '') return this.#fallback ?? NO_GROUP;
    try {
      const name = this.#lookUp(key);
      if (!(name instanceof Promise)) return this.#named(name);
      return name.then(
        (group) => this.#named(group),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error);
    }
  }

  #named(name: string | undefined): Found {
    if (name === undefined) return this.#fallback ?? NO_GROUP;
    const found = this.#found.get(name);
    if (found !== undefined) return found;
    this.#say('a look-up named a group that there is not', { group: name.slice(0, 100) });
    return this.#fallback ?? NO_GROUP;
  }

  #failed(error: unknown): Found {
    this.#say('the look-up of a group failed', {
      problem: error instanceof Error ? error.message : String(error),
    });
    return this.#fallback ?? FAILED;
  }

  #say(message: string, details: Readonly<Record<string, string>>): void {
    const now = this.#tools.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + SAY_AGAIN_MS;
    const { fallback } = this.#settings;
    this.#tools.log('error', message, { pool: this.#pool, ...details, fallback });
  }
}
