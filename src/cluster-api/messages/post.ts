/**
 * Carries messages between this process and other members: gives each to a member, repeats it until it
 * is taken, and gives it to another when that member goes. `route.ts` says to whom, `outgoing.ts` and
 * `incoming.ts` keep count.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SkeinError } from '../../core/errors.ts';
import type { Handlers } from './handlers.ts';
import { fromRemoteError, toRemoteError } from './handlers.ts';
import { Line } from './line.ts';
import type { Member, Peer } from './member.ts';
import { nameOf, peerOf } from './member.ts';
import type { Sent } from './outgoing.ts';
import type { Outcome, Parcel } from './parcel.ts';
import { nobody, overdue } from './parcel.ts';
import type { End, Roster } from './roster.ts';
import type { View } from './route.ts';
import { route } from './route.ts';
import type { Batch, Cargo, Numbered, Refusal } from './wire.ts';

export interface PostContext {
  readonly self: () => Member;
  readonly count: () => number;
  readonly roster: Roster;
  readonly handlers: Handlers;
  readonly publish: (id: string, batch: Batch) => Promise<void>;
  readonly now: () => number;
  /** A member that holds messages for a while: is it still there? */
  readonly suspect: (member: Member) => void;
}

/** Messages of this process that somebody waits for. */
export const MAX_PENDING = 10_000;
/** Of their values. */
const MAX_PENDING_CHARS = 64 * 1024 * 1024;
const TICK_MS = 50;
/** A member that has not answered for so long may be dead. */
const SUSPECT_MS = 100;
const wasNotSent = (error: unknown): error is SkeinError =>
  error instanceof SkeinError && error.code !== 'E_STATE_IN_DOUBT';

export class Post {
  readonly #context: PostContext;
  readonly #lines = new Map<string, Line>();
  readonly #parcels = new Set<Parcel>();
  /** Lines with something to send in this turn of the event loop. */
  readonly #dirty = new Set<string>();
  readonly #publishing = new Set<Promise<void>>();
  readonly #answering = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #leaving = false;
  #turn = 0;
  #chars = 0;

  constructor(context: PostContext) {
    this.#context = context;
  }

  /** Takes a message on. Throws E_MESSAGE_FULL. */
  accept(message: Omit<Parcel, 'at' | 'lost' | 'deadline'>): void {
    const { topic } = message;
    const chars = message.value?.length ?? 0;
    if (this.#parcels.size >= MAX_PENDING || this.#chars + chars > MAX_PENDING_CHARS)
      throw new SkeinError('E_MESSAGE_FULL', { topic, pending: `${this.#parcels.size}` });
    const deadline = this.#context.now() + message.timeoutMs;
    const parcel: Parcel = { ...message, deadline, at: undefined, lost: undefined };
    this.#parcels.add(parcel);
    this.#chars += chars;
    this.#tickSoon();
    this.#dispatch(parcel);
  }

  /** What waits for a member may have one now. */
  rosterChanged(): void {
    for (const parcel of this.#parcels) if (parcel.at === undefined) this.#dispatch(parcel);
  }

  /** A member is no more: what it had goes to others, in the order it had it. */
  gone(id: string, end: End): void {
    const now = this.#context.now();
    for (const [other, line] of this.#lines) if (line.isForgotten(now)) this.#lines.delete(other);
    const line = this.#lines.get(id);
    if (line !== undefined) {
      line.goneAt = now;
      for (const parcel of line.clear()) this.#return(parcel, end);
    }
    this.rosterChanged();
  }

  /** Messages may have been lost. */
  repeat(): void {
    const now = this.#context.now();
    for (const [id, line] of this.#lines) {
      const sent = line.again(now, true);
      if (sent.length > 0) this.#send(id, line, sent);
    }
  }

  receive(batch: Batch): void {
    const line = this.#line(batch.from);
    const isMember = this.#context.roster.get(batch.from) !== undefined;
    line.goneAt = isMember ? undefined : this.#context.now();
    this.#taken(batch, line);
    for (const cargo of line.in.accept(batch.base, batch.cargo)) this.#handle(cargo, batch, line);
    if (line.owe(batch)) this.#mark(batch.from);
    else if (line.owesAnything) this.#tickSoon();
  }

  /** From now on everything new is refused. Resolves when all that was begun is answered. */
  async leave(): Promise<void> {
    this.#leaving = true;
    while (this.#answering.size > 0) await Promise.race(this.#answering);
    await this.#context.handlers.idle();
  }

  /** Resolves when it is known what became of all messages that are on their way now. */
  async settled(): Promise<void> {
    const parcels = [...this.#parcels];
    while (parcels.some((parcel) => this.#parcels.has(parcel)))
      await delay(TICK_MS, undefined, { ref: false });
  }

  /** Resolves when all that was said so far is with the engine. */
  async flushed(): Promise<void> {
    for (const [id, line] of this.#lines) if (line.owesAnything) this.#mark(id);
    this.#flush();
    await Promise.allSettled(this.#publishing);
  }

  #view(): View {
    const { self, count, roster } = this.#context;
    this.#turn += 1;
    return {
      node: self().node,
      count: count(),
      members: roster.members,
      load: (id) => this.#lines.get(id)?.load ?? 0,
      turn: this.#turn,
    };
  }

  #dispatch(parcel: Parcel): void {
    const view = this.#view();
    const next = route(parcel, view);
    switch (next.is) {
      case 'to':
        return this.#give(parcel, next.member.id);
      case 'wait':
        return;
      case 'nobody':
        return this.#settle(parcel, { is: 'failed', error: nobody(parcel, view) });
      case 'unneeded':
        return this.#settle(parcel, { is: 'unneeded' });
    }
  }

  #give(parcel: Parcel, id: string): void {
    if (parcel.address.is === 'member') parcel.address.covered.add(id);
    const line = this.#line(id);
    line.goneAt = undefined;
    parcel.at = { id, n: line.give(parcel, this.#context.now()) };
    this.#mark(id);
  }

  /** Its member did not take it. */
  #return(parcel: Parcel, end: End | undefined): void {
    parcel.at = undefined;
    parcel.lost = end ?? parcel.lost;
    this.#dispatch(parcel);
  }

  #settle(parcel: Parcel, outcome: Outcome): void {
    if (!this.#parcels.delete(parcel)) return;
    this.#chars -= parcel.value?.length ?? 0;
    if (parcel.at !== undefined) this.#lines.get(parcel.at.id)?.giveUp(parcel.at.n);
    if (this.#parcels.size === 0) this.#timer?.unref();
    parcel.done(outcome);
  }

  #line(id: string): Line {
    let line = this.#lines.get(id);
    if (line === undefined) this.#lines.set(id, (line = new Line()));
    return line;
  }

  /** What the other side says about our cargo. */
  #taken(batch: Batch, line: Line): void {
    for (const { parcel, refusal } of line.taken(batch, this.#context.now()))
      if (refusal !== undefined) this.#refused(batch.from, parcel, refusal);
      else if (parcel.kind === 'say') this.#settle(parcel, { is: 'taken', by: peerOf(batch.peer) });
  }

  #refused(id: string, parcel: Parcel, refusal: Refusal): void {
    const { roster } = this.#context;
    const member = roster.get(id);
    const without = (topics: readonly string[] = []): string[] =>
      topics.filter((topic) => topic !== parcel.topic);
    if (refusal === 'leaving') roster.learn(id, { phase: 'leaving' });
    else if (parcel.kind === 'say') roster.learn(id, { hears: without(member?.hears) });
    else roster.learn(id, { answers: without(member?.answers) });
    this.#return(parcel, refusal === 'leaving' ? 'left' : undefined);
  }

  #handle(cargo: Numbered, { from, peer }: Batch, line: Line): void {
    const { handlers } = this.#context;
    switch (cargo.kind) {
      case 'say':
        if (this.#leaving) line.in.refuse(cargo.n, 'leaving');
        else if (!handlers.hear(cargo.topic, cargo.value, peerOf(peer))) line.in.refuse(cargo.n, 'deaf');
        return;
      case 'ask': {
        const answer = this.#leaving ? undefined : handlers.ask(cargo.topic, cargo.value, peerOf(peer));
        if (answer === undefined) line.in.refuse(cargo.n, this.#leaving ? 'leaving' : 'deaf');
        else this.#reply(from, line, cargo.n, answer);
        return;
      }
      case 'reply':
      case 'failure': {
        const parcel = line.parcel(cargo.to);
        if (parcel !== undefined) this.#settle(parcel, this.#answered(parcel, cargo, peerOf(peer)));
        return;
      }
      default:
        // `asBatch` lets no other kind in.
        cargo satisfies never;
    }
  }

  #answered({ topic }: Parcel, cargo: Extract<Cargo, { kind: 'reply' | 'failure' }>, by: Peer): Outcome {
    if (cargo.kind === 'reply') return { is: 'answered', by, text: cargo.value };
    const cause = fromRemoteError(cargo.value);
    const to = nameOf(by, this.#context.self().node);
    const error = new SkeinError('E_MESSAGE_FAILED', { topic, to, reason: cause.message }, { cause });
    return { is: 'failed', error };
  }

  #reply(id: string, line: Line, to: number, answer: Promise<string | undefined>): void {
    const answering = async (): Promise<void> => {
      const cargo = await answer.then(
        (value): Cargo => ({ kind: 'reply', to, ...(value === undefined ? {} : { value }) }),
        (error: unknown): Cargo => ({ kind: 'failure', to, value: JSON.stringify(toRemoteError(error)) }),
      );
      this.#answering.delete(done);
      line.reply(cargo, this.#context.now());
      this.#mark(id);
    };
    const done = answering();
    this.#answering.add(done);
  }

  #mark(id: string): void {
    // One batch for all that is said in this turn of the event loop.
    if (this.#dirty.size === 0) setImmediate(() => this.#flush());
    this.#dirty.add(id);
  }

  #flush(): void {
    const { now } = this.#context;
    const ids = [...this.#dirty];
    this.#dirty.clear();
    for (const id of ids) {
      const line = this.#line(id);
      for (let sent = line.next(now()); sent !== undefined; sent = line.next(now()))
        this.#send(id, line, sent, true);
    }
    this.#tickSoon();
  }

  #send(id: string, line: Line, sent: readonly Sent<Parcel | undefined>[], first = false): void {
    const { publish, self } = this.#context;
    const publishing = publish(id, line.batch(self(), sent))
      .catch((error: unknown) => {
        // What may have arrived is repeated until it is taken or its time is over, answers too.
        if (!first || !wasNotSent(error)) return;
        for (const { parcel } of sent)
          if (parcel !== undefined) this.#settle(parcel, { is: 'failed', error });
      })
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }

  /** While anything is under way. */
  #tickSoon(): void {
    if (this.#timer === undefined) {
      const due = this.#context.now() + TICK_MS;
      this.#timer = setTimeout(() => {
        // Blocked for so long: what has arrived meanwhile counts, and is read after the timers.
        if (this.#context.now() - due > TICK_MS) setImmediate(() => this.#tick());
        else this.#tick();
      }, TICK_MS);
    }
    // Only a caller who waits keeps the process alive.
    if (this.#parcels.size > 0) this.#timer.ref();
    else this.#timer.unref();
  }

  #tick(): void {
    this.#timer = undefined;
    const now = this.#context.now();
    for (const parcel of this.#parcels)
      if (parcel.deadline <= now) this.#settle(parcel, overdue(parcel, this.#view()));
    let busy = this.#parcels.size > 0;
    for (const [id, line] of this.#lines) busy = this.#tend(id, line, now) || busy;
    if (busy) this.#tickSoon();
  }

  /** Whether there is something to come back for. */
  #tend(id: string, line: Line, now: number): boolean {
    const { roster, suspect } = this.#context;
    if (line.goneAt !== undefined) return false;
    const member = roster.get(id);
    const silentFor = line.silentFor(now);
    if (member !== undefined && silentFor !== undefined && silentFor >= SUSPECT_MS) suspect(member);
    const sent = line.again(now);
    if (sent.length > 0 || line.owesAnything) this.#send(id, line, sent);
    return line.busy;
  }
}
