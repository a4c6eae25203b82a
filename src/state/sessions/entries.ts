/** Sessions as entries: what both session stores do, with promises. */
import type { Duration } from '../../core/options.ts';
import type { State } from '../contract.ts';
import { inBatches } from '../batches.ts';
import { toMs } from '../limits.ts';

export interface SessionStoreOptions {
  /** Of a session whose cookie has no expiry of its own (it ends with the browser). Default: 1 day. */
  readonly ttl?: Duration;
}

/** What is used of a session. `expires` is false, too, for one that ends with the browser. */
interface SessionData {
  readonly cookie?: { readonly expires?: string | number | false | null };
}

/** The longest time to live. */
const TEN_YEARS_MS = 3_652 * 86_400_000;

/** No framework writes anything else, and none can go on with it. */
const asSession = (value: unknown): SessionData | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

/** Sessions and cookies are instances with a toJSON of their own; what they say of themselves is kept. */
const toData = (session: object): SessionData => JSON.parse(JSON.stringify(session)) as SessionData;

export class SessionEntries {
  readonly #entries: State;
  readonly #ttlMs: number;

  constructor(state: State, { ttl = '1d' }: SessionStoreOptions) {
    this.#entries = state.namespace('session');
    this.#ttlMs = toMs('ttl', ttl);
  }

  async get(id: string): Promise<SessionData | undefined> {
    return asSession(await this.#entries.get(id));
  }

  async set(id: string, session: object): Promise<void> {
    const data = toData(session);
    const ttl = this.#ttlOf(data);
    if (ttl <= 0) await this.destroy(id);
    else await this.#entries.set<unknown>(id, data, { ttl });
  }

  /** New expiry for a session that is there; one that was destroyed meanwhile stays so. */
  async touch(id: string, session: object): Promise<void> {
    const entry = await this.#entries.getEntry(id);
    const current = asSession(entry?.value);
    if (entry === undefined || current === undefined) return;
    const { cookie } = toData(session);
    const data = { ...current, ...(cookie === undefined ? {} : { cookie }) };
    const ttl = this.#ttlOf(data);
    if (ttl <= 0) await this.destroy(id);
    // Lost against a `set` or `destroy` of somebody else: that is newer than this.
    else await this.#entries.compareAndSet<unknown>(id, entry.version, data, { ttl });
  }

  async destroy(id: string): Promise<void> {
    await this.#entries.delete(id);
  }

  async all(): Promise<Record<string, unknown>> {
    const found: [string, SessionData][] = [];
    await inBatches(await this.#entries.keys(), async (id) => {
      const session = await this.get(id);
      if (session !== undefined) found.push([id, session]);
    });
    return Object.fromEntries(found);
  }

  async length(): Promise<number> {
    return (await this.#entries.keys()).length;
  }

  async clear(): Promise<void> {
    await inBatches(await this.#entries.keys(), (id) => this.destroy(id));
  }

  #ttlOf({ cookie }: SessionData): number {
    const expires = cookie?.expires;
    const at = expires ? new Date(expires).getTime() : Number.NaN;
    return Number.isNaN(at) ? this.#ttlMs : Math.min(at - Date.now(), TEN_YEARS_MS);
  }
}
