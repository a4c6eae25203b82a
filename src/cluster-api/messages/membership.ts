/**
 * Makes this process known to the others and keeps the roster: one entry for each member, which it
 * renews and everybody watches.
 */
import { setImmediate } from 'node:timers/promises';
import { SkeinError } from '../../core/errors.ts';
import type { State, StateChange, Unsubscribe } from '../../state/contract.ts';
import type { Member } from './member.ts';
import { asMember } from './member.ts';
import type { End, Roster } from './roster.ts';
import { LEASE_MS } from './roster.ts';
import type { Batch } from './wire.ts';
import { asBatch } from './wire.ts';

export interface MembershipContext {
  readonly state: State;
  readonly roster: Roster;
  /** The record of this process as it is now. */
  readonly self: () => Member;
  readonly now: () => number;
  /** False: surely dead. */
  readonly mayLive: (member: Member) => boolean;
  readonly onBatch: (batch: Batch) => void;
  readonly onRoster: () => void;
  readonly onGone: (id: string, end: End) => void;
  /** What was published may have been lost. */
  readonly onMissed: () => void;
}

const MEMBERS = 'member:';
/** After an attempt to join that failed. */
const RETRY_MS = 500;

/** A timer that is so late says that this process was blocked or stopped. */
const BLOCKED_MS = 1_000;

const inboxOf = (id: string): string => `to:${id}`;

export class Membership {
  readonly #context: MembershipContext;
  #joining: Promise<void> | undefined;
  #inbox: Unsubscribe | undefined;
  #watch: Unsubscribe | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #joined = false;
  #writing: Promise<unknown> = Promise.resolve();
  #written = -1;
  #left = false;

  constructor(context: MembershipContext) {
    this.#context = context;
  }

  /** Once joined, resolves at once; rejects while the engine is away, and tries again by itself. */
  join(): Promise<void> {
    this.#joining ??= this.#join().catch((error: unknown) => {
      this.#joining = undefined;
      this.#again(RETRY_MS);
      throw error;
    });
    return this.#joining;
  }

  get joined(): boolean {
    return this.#joined;
  }

  publish(id: string, batch: Batch): Promise<void> {
    if (id !== this.#context.self().id) return this.#context.state.publish<unknown>(inboxOf(id), batch);
    queueMicrotask(() => this.#context.onBatch(batch));
    return Promise.resolve();
  }

  /** The record of this process is another now. Writes once for all changes of one turn. */
  async changed(): Promise<void> {
    if (!this.#joined || this.#left) return;
    await setImmediate();
    await this.#write().catch(() => {});
  }

  /** Takes a member that died off everybody's roster. */
  bury(member: Member): void {
    const { roster, now, state, onGone } = this.#context;
    const version = roster.versionOf(member.id);
    const end = roster.remove(member.id, now());
    if (end === undefined) return;
    if (version !== undefined) state.compareAndDelete(MEMBERS + member.id, version).catch(() => {});
    onGone(member.id, end);
  }

  /** Takes this process off everybody's roster. Its inbox stays open, for what it still sends. */
  async leave(): Promise<void> {
    this.#left = true;
    clearTimeout(this.#renewal);
    await this.#writing.catch(() => {});
    if (this.#joined) await this.#context.state.delete(MEMBERS + this.#context.self().id).catch(() => false);
  }

  async close(): Promise<void> {
    await this.leave();
    await Promise.all([this.#inbox?.(), this.#watch?.()]).catch(() => {});
  }

  async #join(): Promise<void> {
    const { state, self, onBatch } = this.#context;
    this.#inbox ??= await state.listen(inboxOf(self().id), (value) => {
      const batch = asBatch(value);
      if (batch !== undefined) onBatch(batch);
    });
    this.#watch ??= await state.subscribe({ prefix: MEMBERS }, (change) => this.#hear(change));
    await this.#write(true);
    await this.#readAll();
    this.#joined = true;
    if (self().revision !== this.#written) void this.changed();
    this.#again(LEASE_MS / 3);
  }

  /** One after the other, so that an older record never comes last. */
  #write(always = false): Promise<unknown> {
    const next = this.#writing
      .catch(() => {})
      .then(async () => {
        const { state, self, roster, now } = this.#context;
        const member = self();
        if (this.#left || (!always && member.revision === this.#written)) return;
        this.#written = member.revision;
        try {
          const version = await state.set<unknown>(MEMBERS + member.id, member, { ttl: LEASE_MS });
          if (roster.set(member, version, now())) this.#context.onRoster();
        } catch (error) {
          this.#written = -1;
          throw error;
        }
      });
    this.#writing = next;
    next.catch(() => {});
    return next;
  }

  async #readAll(): Promise<void> {
    const { state, roster, now, mayLive, onRoster } = this.#context;
    const keys = await state.keys(MEMBERS);
    const entries = await Promise.all(keys.map((key) => state.getEntry(key)));
    for (const entry of entries) {
      const member = asMember(entry?.value);
      if (entry === undefined || member === undefined) continue;
      roster.set(member, entry.version, now());
      if (!mayLive(member)) this.bury(member);
    }
    onRoster();
  }

  #hear(change: StateChange): void {
    const { self, roster, now, onRoster, onGone, onMissed } = this.#context;
    switch (change.type) {
      case 'set': {
        const member = asMember(change.value);
        if (member !== undefined && roster.set(member, change.version, now())) onRoster();
        return;
      }
      case 'delete': {
        const id = change.key.slice(MEMBERS.length);
        // Somebody took this process for dead, or the engine had no room for it.
        if (id === self().id) return void (this.#left || this.#write(true).catch(() => {}));
        if (change.reason !== 'deleted') return;
        const end = roster.remove(id, now(), change.version);
        if (end !== undefined) onGone(id, end);
        return;
      }
      case 'missed':
        // Who is not in the list may only not have renewed itself yet: nobody is taken off for that.
        this.#write(true)
          .then(() => this.#readAll())
          .catch(() => {});
        return onMissed();
      case 'expire':
      case 'away':
    }
  }

  #again(ms: number): void {
    clearTimeout(this.#renewal);
    if (this.#left) return;
    const { now, roster } = this.#context;
    const due = now() + ms;
    this.#renewal = setTimeout(() => {
      if (!this.#joined) return void this.join().catch(() => {});
      if (now() - due > BLOCKED_MS) roster.forgive(now());
      this.#again(LEASE_MS / 3);
      this.#write(true).catch(() => {});
      this.#sweep();
    }, ms).unref();
  }

  #sweep(): void {
    const { roster, self, now, mayLive, onGone } = this.#context;
    const own = self().id;
    for (const id of roster.overdue(now())) {
      if (id === own) continue;
      const end = roster.remove(id, now());
      if (end !== undefined) onGone(id, end);
    }
    for (const member of roster.members) if (member.id !== own && !mayLive(member)) this.bury(member);
  }
}

/** What stands in the way of joining, as an error of the catalogue. */
export const whyNotJoined = (error: unknown): SkeinError =>
  error instanceof SkeinError
    ? error
    : new SkeinError(
        'E_STATE_ENGINE',
        { what: 'The state', reason: String(error), hint: 'Check SKEIN_STATE.' },
        { cause: error },
      );
