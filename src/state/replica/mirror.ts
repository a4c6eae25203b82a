/**
 * A copy of entries that is kept by two sources: changes, which come in order for each key, and reads
 * of everything, which may overtake them or be overtaken. Versions say which of the two is newer.
 *
 * A reading begins a new epoch. What it finds replaces what is left of earlier epochs, whatever
 * version that had (a server that lost data may begin with smaller ones); against what was told since
 * the reading began, the greater version wins. At its end, what no source has named goes.
 */
import type { StateChange, StateEntry } from '../contract.ts';
import { Expiry } from '../engines/memory/expiry.ts';
import type { Frozen } from '../../core/frozen.ts';
import { freeze } from '../../core/frozen.ts';

export interface MirrorOptions<T> {
  /** Told after a key has another value, or undefined when it has none. */
  readonly onChange: (key: string, value: Frozen<T> | undefined) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

interface Held<T> {
  readonly value: Frozen<T>;
  readonly version: number;
  /** Infinity: never. */
  readonly expiresAt: number;
  readonly epoch: number;
}

type KeyChange<T> = Exclude<StateChange<T>, { readonly type: 'missed' | 'away' }>;

export class Mirror<T> {
  readonly #entries = new Map<string, Held<T>>();
  /** Versions of what was deleted while a reading goes on, which may still find it. */
  readonly #gone = new Map<string, number>();
  readonly #onChange: (key: string, value: Frozen<T> | undefined) => void;
  readonly #now: () => number;
  readonly #expiry: Expiry;
  #epoch = 0;
  #reading = false;

  constructor({ onChange, now = Date.now }: MirrorOptions<T>) {
    this.#onChange = onChange;
    this.#now = now;
    this.#expiry = new Expiry(now, (key, at) => {
      if (this.#entries.get(key)?.expiresAt === at) this.#remove(key);
    });
  }

  /** With those that are over but not yet put away. */
  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Frozen<T> | undefined {
    const held = this.#entries.get(key);
    if (held === undefined) return undefined;
    return held.expiresAt === Infinity || held.expiresAt > this.#now() ? held.value : undefined;
  }

  keys(): string[] {
    const now = this.#now();
    return [...this.#entries].filter(([, { expiresAt }]) => expiresAt > now).map(([key]) => key);
  }

  /** A reading begins; one that had not ended is void. */
  begin(): void {
    this.#epoch += 1;
    this.#reading = true;
    this.#gone.clear();
  }

  /** The reading found this. */
  found(key: string, { value, version, expiresAt }: StateEntry<T>): void {
    if ((this.#gone.get(key) ?? 0) >= version) return;
    const held = this.#entries.get(key);
    if (held?.epoch === this.#epoch && held.version >= version) return;
    this.#put(key, value, version, expiresAt);
  }

  /** The reading is complete. */
  end(): void {
    this.#reading = false;
    this.#gone.clear();
    for (const [key, { epoch }] of this.#entries) if (epoch !== this.#epoch) this.#remove(key);
  }

  told(change: KeyChange<T>): void {
    const { key, version } = change;
    const held = this.#entries.get(key);
    const isKnown = held?.epoch === this.#epoch;
    // The reading was faster.
    if (isKnown && held.version > version) return;
    switch (change.type) {
      case 'set':
        this.#put(key, change.value, version, change.expiresAt);
        break;
      case 'expire':
        // Of a version that only the reading will find: that knows it with its new time to live.
        if (held?.version === version) this.#keep(key, { ...held, ...this.#lasting(change.expiresAt) });
        break;
      case 'delete':
        if (this.#reading) this.#gone.set(key, version);
        if (held !== undefined) this.#remove(key);
        break;
    }
  }

  clear(): void {
    this.#expiry.clear();
    this.#entries.clear();
    this.#gone.clear();
  }

  #lasting(expiresAt: number | null): { readonly expiresAt: number; readonly epoch: number } {
    return { expiresAt: expiresAt ?? Infinity, epoch: this.#epoch };
  }

  #put(key: string, value: T, version: number, expiresAt: number | null): void {
    const held = this.#entries.get(key);
    // Read again and the same: nobody wants to hear of that, nor to have another object.
    if (held?.version === version) return this.#keep(key, { ...held, ...this.#lasting(expiresAt) });
    const frozen = freeze(value);
    this.#keep(key, { value: frozen, version, ...this.#lasting(expiresAt) });
    this.#onChange(key, frozen);
  }

  #keep(key: string, held: Held<T>): void {
    this.#entries.set(key, held);
    if (held.expiresAt === Infinity) return;
    this.#expiry.add(key, held.expiresAt);
    if (this.#expiry.size > 2 * this.#entries.size + 1000) this.#expiry.rebuild(this.#appointments());
  }

  *#appointments(): Generator<{ key: string; at: number }> {
    for (const [key, { expiresAt }] of this.#entries)
      if (expiresAt !== Infinity) yield { key, at: expiresAt };
  }

  #remove(key: string): void {
    if (this.#entries.delete(key)) this.#onChange(key, undefined);
  }
}
