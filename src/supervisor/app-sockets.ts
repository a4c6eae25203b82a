/**
 * The listening sockets of one app, as the supervisor sees them: which there are, who of the
 * workers accepts from them, and when one is no longer wanted. What to lend to whom is decided in
 * `lending.ts`.
 */
import type { ListenerInfo } from '../protocol/holder.ts';
import type { HolderClient } from './holder-client.ts';
import { decideLending } from './lending.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { isAlive } from './worker-state.ts';

/** A lend that no worker has confirmed after this long is tried again. */
const LEND_PATIENCE_MS = 1000;

/** How long an address on which no worker listens is kept. */
const UNUSED_MS = 5000;

export class AppSockets {
  readonly #app: string;
  readonly #holder: HolderClient;
  readonly #listeners = new Map<string, ListenerInfo>();
  /** A lend that is not confirmed yet, by key and slot: to whom, and when it was asked for. */
  readonly #asked = new Map<string, { readonly to: string; readonly at: number }>();

  constructor(app: string, holder: HolderClient) {
    this.#app = app;
    this.#holder = holder;
  }

  get listeners(): readonly ListenerInfo[] {
    return [...this.#listeners.values()];
  }

  get addresses(): string[] {
    return [...this.#listeners.values()].map(({ address }) => address);
  }

  /** The holder has bound a socket. */
  bound(listener: ListenerInfo): void {
    this.#listeners.set(listener.key, listener);
  }

  unbindAll(): void {
    this.#listeners.clear();
    this.#asked.clear();
    this.#holder.send({ verb: 'unbind', app: this.#app, key: null });
  }

  /**
   * A worker closed an address by the app's own will. It may be on its way out, and then its
   * successor listens again: only after a while does it count as given up.
   */
  closedBy(workers: () => Iterable<WorkerHandle>, wanted: () => number, key: string): void {
    setTimeout(() => this.#closeUnused([...workers()], wanted(), key), UNUSED_MS).unref();
  }

  /** After a rollout: addresses that only the old generation listened on. */
  closeAllUnused(workers: readonly WorkerHandle[], wanted: number): void {
    for (const key of this.#listeners.keys()) this.#closeUnused(workers, wanted, key);
  }

  /** Lends and takes back until every socket is served. Gives when to look again at a lend that
   *  nobody has confirmed; null when there is none. */
  lend(workers: readonly WorkerHandle[], now: number): number | null {
    const sockets = [...this.#listeners.values()].flatMap(({ key, mode, slots }) =>
      mode === 'per-worker' ? slots.map((slot) => ({ key, slot })) : [],
    );
    if (sockets.length === 0) return null;
    const servers = workers
      .filter(({ gone, state }) => !gone && isAlive(state))
      .map(({ tag, listening, serving, fit }) => ({
        id: tag.id,
        slot: tag.slot,
        listens: new Set(listening.map(({ key }) => key)),
        serving,
        fit,
      }));
    let again: number | null = null;
    for (const action of decideLending(sockets, servers)) {
      const { key, slot } = action;
      if (action.do === 'return') {
        workers.find(({ tag }) => tag.id === action.from)?.send({ type: 'return', key, slot });
        continue;
      }
      const name = `${key} ${slot}`;
      const asked = this.#asked.get(name);
      // One that died or got stuck before it could confirm is not waited for.
      const mayConfirm = servers.some(({ id, fit }) => id === asked?.to && fit);
      if (asked === undefined || !mayConfirm || now - asked.at >= LEND_PATIENCE_MS) {
        this.#asked.set(name, { to: action.to, at: now });
        this.#holder.send({ verb: 'hand-over', app: this.#app, key, slot, to: action.to });
      }
      again = Math.min(again ?? Infinity, this.#asked.get(name)!.at + LEND_PATIENCE_MS);
    }
    return again;
  }

  /** A worker says what it accepts from. */
  confirmed({ serving }: WorkerHandle): void {
    for (const { key, slot } of serving) this.#asked.delete(`${key} ${slot}`);
  }

  /** Beats cost wake-ups, so they are asked for only where somebody could act on a silence. */
  setBeats(workers: readonly WorkerHandle[], wanted: number, now: number): void {
    const siblings = wanted > 1 && [...this.#listeners.values()].some(({ mode }) => mode === 'per-worker');
    for (const worker of workers)
      worker.setBeats(
        worker.state.name === 'ready' && !worker.gone && (siblings || worker.spec.hangTimeoutMs !== null),
        now,
      );
  }

  /** Not while a worker is missing: it may be the one that will listen. */
  #closeUnused(workers: readonly WorkerHandle[], wanted: number, key: string): void {
    const used = workers.some(({ gone, listening }) => !gone && listening.some((own) => own.key === key));
    const ready = workers.filter(({ state }) => state.name === 'ready').length;
    if (used || ready < wanted || !this.#listeners.delete(key)) return;
    this.#holder.send({ verb: 'unbind', app: this.#app, key });
  }
}
