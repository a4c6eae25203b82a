/**
 * The entries themselves, synchronous: what the memory engine wraps, and what a process that keeps
 * state for others calls in the order their messages come in.
 *
 * Least recently used goes first: a Map keeps the order of insertion, and a use inserts anew.
 */
import { SkeinError } from '../../../core/errors.ts';
import type { Entry, EngineStats, RawChange, Ttl } from '../../engine.ts';
import { sumOf } from '../../integers.ts';
import { Expiry } from './expiry.ts';

interface Kept {
  readonly text: string;
  readonly version: number;
  readonly expiresAt: number | null;
  readonly bytes: number;
}

/** What an entry takes beside its key and text: the object, its place in the Map, its appointment. */
const OVERHEAD_BYTES = 160;

export interface StoreOptions {
  /** Estimated bytes of keys, texts and their overhead; above it the least recently used go. */
  readonly maxBytes: number;
  /** Told after each change, in order. */
  readonly onChange: (change: RawChange) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export class MemoryStore {
  readonly #entries = new Map<string, Kept>();
  readonly #maxBytes: number;
  readonly #onChange: (change: RawChange) => void;
  readonly #now: () => number;
  readonly #expiry: Expiry;
  #bytes = 0;
  #evictions = 0;
  #lastVersion = 0;

  constructor({ maxBytes, onChange, now = Date.now }: StoreOptions) {
    this.#maxBytes = maxBytes;
    this.#onChange = onChange;
    this.#now = now;
    this.#expiry = new Expiry(now, (key, at) => {
      if (this.#entries.get(key)?.expiresAt === at) this.#remove(key, 'expired');
    });
  }

  get(key: string): Entry | null {
    const kept = this.#find(key);
    if (kept === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, kept);
    return kept;
  }

  set(key: string, text: string, ttl: Ttl): number {
    return this.#write(key, text, this.#find(key), ttl);
  }

  delete(key: string): boolean {
    return this.#find(key) !== undefined && this.#remove(key, 'deleted');
  }

  increment(key: string, by: number, ttl: number | null): number {
    const kept = this.#find(key);
    const sum = sumOf(key, kept?.text ?? '0', by);
    this.#write(key, String(sum), kept, kept === undefined ? ttl : 'keep');
    return sum;
  }

  compareAndSet(key: string, version: number, text: string | null, ttl: Ttl): number {
    const kept = this.#find(key);
    if ((kept?.version ?? 0) !== version) return 0;
    if (text !== null) return this.#write(key, text, kept, ttl);
    if (kept !== undefined) this.#remove(key, 'deleted');
    return this.#nextVersion();
  }

  expire(key: string, ttl: number | null): boolean {
    const kept = this.#find(key);
    if (kept === undefined) return false;
    const expiresAt = ttl === null ? null : this.#now() + ttl;
    this.#keep(key, { ...kept, expiresAt });
    this.#onChange({ type: 'expire', key, version: kept.version, expiresAt });
    return true;
  }

  keys(prefix: string): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(prefix) && this.#find(key) !== undefined);
  }

  stats(): EngineStats {
    return {
      engine: 'memory',
      entries: this.#entries.size,
      bytes: this.#bytes,
      evictions: this.#evictions,
    };
  }

  close(): void {
    this.#expiry.close();
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** The entry if it is still valid: the timer may be late, a reader must not see that. */
  #find(key: string): Kept | undefined {
    const kept = this.#entries.get(key);
    if (kept === undefined || kept.expiresAt === null || kept.expiresAt > this.#now()) return kept;
    this.#remove(key, 'expired');
    return undefined;
  }

  #write(key: string, text: string, old: Kept | undefined, ttl: Ttl): number {
    const expiresAt = ttl === 'keep' ? (old?.expiresAt ?? null) : ttl === null ? null : this.#now() + ttl;
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(text) + OVERHEAD_BYTES;
    if (bytes > this.#maxBytes)
      throw new SkeinError('E_STATE_TOO_LARGE', { key, size: `${bytes}`, limit: `${this.#maxBytes}` });
    const version = this.#nextVersion();
    this.#keep(key, { text, version, expiresAt, bytes });
    this.#evict();
    this.#onChange({ type: 'set', key, text, version, expiresAt });
    return version;
  }

  #keep(key: string, kept: Kept): void {
    this.#bytes += kept.bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, kept);
    if (kept.expiresAt === null) return;
    this.#expiry.add(key, kept.expiresAt);
    if (this.#expiry.size > 2 * this.#entries.size + 1000) this.#expiry.rebuild(this.#appointments());
  }

  *#appointments(): Generator<{ key: string; at: number }> {
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt !== null) yield { key, at: expiresAt };
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#entries.keys().next();
      if (oldest.done === true) return;
      this.#evictions += 1;
      this.#remove(oldest.value, 'evicted');
    }
  }

  #remove(key: string, reason: 'deleted' | 'expired' | 'evicted'): boolean {
    const kept = this.#entries.get(key);
    if (kept === undefined) return false;
    this.#entries.delete(key);
    this.#bytes -= kept.bytes;
    this.#onChange({ type: 'delete', key, version: kept.version, reason });
    return true;
  }

  /** Microseconds of the clock, so that versions go on growing when a store begins anew. */
  #nextVersion(): number {
    this.#lastVersion = Math.max(this.#lastVersion + 1, this.#now() * 1000);
    return this.#lastVersion;
  }
}
