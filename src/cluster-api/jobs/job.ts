/** Runs one job for as long as this worker leads. What is due is decided in due.ts. */
import { SkeinError } from '../../core/errors.ts';
import type { State, StateEntry } from '../../state/contract.ts';
import { Alarm } from '../alarm.ts';
import { complain } from '../complain.ts';
import { isAway } from '../is-away.ts';
import type { Office } from '../leader/office.ts';
import type { Leadership } from '../leader/term.ts';
import { tellApp } from '../tell-app.ts';
import type { JobRecord } from './due.ts';
import { dueNow, isJobRecord } from './due.ts';
import type { Ticks } from './ticks.ts';

export interface JobContext extends Leadership {
  /** The time this run is for; it may begin later. */
  readonly scheduledAt: Date;
}

export interface JobSettings {
  readonly name: string;
  readonly ticks: Ticks;
  readonly fn: (context: JobContext) => unknown;
  readonly catchUpMs: number;
  readonly rerun: boolean;
  readonly onError: (error: unknown) => unknown;
}

export interface JobPlaces {
  readonly entries: State;
  readonly office: Office;
  leaving(): boolean;
}

/** After the state could not be asked. */
const RETRY_MS = 400;

export class Job {
  readonly #settings: JobSettings;
  readonly #places: JobPlaces;
  readonly #off: () => void;
  #running: Promise<void> | undefined;
  #closed = false;
  #wake: (() => void) | undefined;
  readonly #wakeUp = (): void => this.#wake?.();

  constructor(settings: JobSettings, places: JobPlaces) {
    this.#settings = settings;
    this.#places = places;
    this.#off = places.office.onLeader((term) => this.#serve(term));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#off();
    this.#wakeUp();
    await this.#running;
  }

  async #serve(term: Leadership): Promise<void> {
    const { name, ticks, catchUpMs, rerun } = this.#settings;
    const { entries } = this.#places;
    // Of the term before, whose end it may not have heard of yet.
    await this.#running;
    let ran: number | undefined;
    let lastSaid: string | undefined;
    while (!this.#closed && !term.signal.aborted && !this.#places.leaving()) {
      try {
        const entry = await entries.getEntry<JobRecord>(name);
        const { token } = term;
        const now = Date.now();
        const due = dueNow({
          ...{
            record: isJobRecord(entry?.value) ? entry.value : undefined,
            ticks,
            now,
            token,
            ran,
            catchUpMs,
            rerun,
          },
        });
        switch (due.type) {
          case 'never':
            return;
          case 'deposed':
            await this.#rest(now + RETRY_MS, term.signal);
            break;
          case 'wait':
            await this.#rest(due.until, term.signal);
            break;
          case 'first':
            await this.#write(entry, { tick: now, handled: now, token, state: 'idle' });
            break;
          case 'interrupted':
            await this.#giveUp(entry, due.tick, token);
            break;
          case 'begin':
          case 'begun':
            if (await this.#once(entry, due.tick, due.type === 'begun', term)) ran = due.tick;
            break;
        }
      } catch (error) {
        // While the engine is away nobody leads for long, which is no failure of the job.
        const said = String(error);
        if (!isAway(error) && said !== lastSaid) this.#complain(error);
        lastSaid = said;
        await this.#rest(Date.now() + RETRY_MS, term.signal);
      }
    }
  }

  /** Undefined: another leader wrote meanwhile. */
  #write(entry: StateEntry<JobRecord> | undefined, record: JobRecord): Promise<number | undefined> {
    return this.#places.entries.compareAndSet(this.#settings.name, entry?.version ?? null, record);
  }

  async #giveUp(entry: StateEntry<JobRecord> | undefined, tick: number, token: number): Promise<void> {
    const written = await this.#write(entry, { tick, handled: tick, token, state: 'ended' });
    if (written === undefined) return;
    const { name } = this.#settings;
    this.#complain(new SkeinError('E_JOB_INTERRUPTED', { name, time: new Date(tick).toISOString() }));
  }

  /** Whether it was this leader's to run, and has been. Its office waits for it, and so does `close`. */
  async #once(
    entry: StateEntry<JobRecord> | undefined,
    tick: number,
    begun: boolean,
    term: Leadership,
  ): Promise<boolean> {
    const work = this.#claimAndRun(entry, tick, begun, term);
    this.#running = work.then(
      () => {},
      () => {},
    );
    this.#places.office.busyWith(work);
    return work;
  }

  async #claimAndRun(
    entry: StateEntry<JobRecord> | undefined,
    tick: number,
    begun: boolean,
    term: Leadership,
  ): Promise<boolean> {
    const { token } = term;
    const version = begun
      ? entry?.version
      : await this.#write(entry, { tick, handled: tick, token, state: 'running' });
    // Recorded under a leadership that is over, it is for the next leader to judge.
    if (version === undefined || term.signal.aborted) return false;
    await this.#run(tick, term);
    const handled = Math.max(tick, this.#settings.ticks.latest(Date.now()) ?? tick);
    await this.#places.entries
      .compareAndSet<JobRecord>(this.#settings.name, version, { tick, handled, token, state: 'ended' })
      .catch((error: unknown) => {
        if (!isAway(error)) throw error;
      });
    return true;
  }

  async #run(tick: number, term: Leadership): Promise<void> {
    const { name, fn, ticks } = this.#settings;
    const overrun = new Alarm();
    const next = ticks.after(Math.max(tick, Date.now()));
    if (next !== null) overrun.set(next, () => this.#complain(new SkeinError('E_JOB_SKIPPED', { name })));
    const { token, signal } = term;
    try {
      term.check();
      await fn({ token, signal, check: () => term.check(), scheduledAt: new Date(tick) });
    } catch (error) {
      // What ended because it was told to did well.
      if (!signal.aborted || error !== signal.reason) this.#complain(error);
    } finally {
      overrun.clear();
    }
  }

  #complain(error: unknown): void {
    const { name, onError } = this.#settings;
    tellApp(
      () => onError(error),
      (own) => complain(`onError of the job ${name}`, own),
    );
  }

  /** Until then, or until this worker leads no more. */
  async #rest(until: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed) return;
    const alarm = new Alarm();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', this.#wakeUp, { once: true });
      alarm.set(until, resolve);
    });
    alarm.clear();
    signal.removeEventListener('abort', this.#wakeUp);
  }
}
