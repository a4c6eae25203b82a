/** Sessions as entries: what both session stores do, with promises. */
import type { Duration } from '../../core/options.ts';
import type { State } from '../contract.ts';
import { toMs } from '../limits.ts';

export interface SessionStoreOptions {
  /** Of a session whose cookie has no expiry of its own (it ends with the browser). Default: 1 day. */
  readonly ttl?: Duration;
}

/** What is used of a session. */
interface SessionData {
  readonly cookie?: { readonly expires?: Date | string | null };
}

/** The longest time to live. */
const TEN_YEARS_MS = 3_652 * 86_400_000;

/** Sessions and cookies are instances with a toJSON of their own; what they say of themselves is kept. */
const toData = (session: object): SessionData => JSON.parse(JSON.stringify(session)) as SessionData;

export class SessionEntries {
  readonly #entries: State;
  readonly #ttlMs: number;

  constructor(state: State, { ttl = '1d' }: SessionStoreOptions) {
    this.#entries = state.namespace('session');
    this.#ttlMs = toMs('ttl', ttl);
  }

  get(id: string): Promise<unknown> {
    return this.#entries.get(id);
  }

  async set(id: string, session: object): Promise<void> {
    const data = toData(session);
    const ttl = this.#ttlOf(data);
    if (ttl <= 0) await this.destroy(id);
    else await this.#entries.set<unknown>(id, data, { ttl });
  }

  /** New expiry for a session that is there; one that was destroyed meanwhile stays so. */
  async touch(id: string, session: object): Promise<void> {
    const entry = await this.#entries.getEntry<SessionData>(id);
    if (entry === undefined) return;
    const { cookie } = toData(session);
    const data = { ...entry.value, ...(cookie === undefined ? {} : { cookie }) };
    const ttl = this.#ttlOf(data);
    if (ttl <= 0) await this.destroy(id);
    // Lost against a `set` or `destroy` of somebody else: that is newer than this.
    else await this.#entries.compareAndSet<unknown>(id, entry.version, data, { ttl });
  }

  async destroy(id: string): Promise<void> {
    await this.#entries.delete(id);
  }

  async all(): Promise<Record<string, unknown>> {
    const ids = await this.#entries.keys();
    const found = await Promise.all(ids.map(async (id) => [id, await this.get(id)] as const));
    return Object.fromEntries(found.filter(([, session]) => session !== undefined));
  }

  async length(): Promise<number> {
    return (await this.#entries.keys()).length;
  }

  async clear(): Promise<void> {
    await Promise.all((await this.#entries.keys()).map((id) => this.destroy(id)));
  }

  #ttlOf({ cookie }: SessionData): number {
    const at = new Date(cookie?.expires ?? Number.NaN).getTime();
    return Number.isNaN(at) ? this.#ttlMs : Math.min(at - Date.now(), TEN_YEARS_MS);
  }
}
