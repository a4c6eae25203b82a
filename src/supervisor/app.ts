/**
 * One app: keeps its record, holds its workers, and makes what is there equal to what is wanted.
 * What to do is decided in `decide.ts`, `changes.ts` and `lending.ts`; here it is done.
 */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { Operation } from '../protocol/control.ts';
import type { ChildInfo, Exit, ListenerInfo, WorkerTag } from '../protocol/holder.ts';
import type { FromWorker, WorkerPhase } from '../protocol/worker.ts';
import { SkeinError } from '../core/errors.ts';
import type { Totals } from './accounting.ts';
import { add, finalTotals, reportBetween } from './accounting.ts';
import { advance, needsEveryWorker, undo } from './changes.ts';
import type { Action } from './decide.ts';
import { decide } from './decide.ts';
import type { NewEvent } from './events.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import type { HolderClient, RawHandle } from './holder-client.ts';
import { decideLending } from './lending.ts';
import type { Stream } from './output.ts';
import { OutputTail } from './output.ts';
import { watchReadiness } from './readiness.ts';
import { describeExit, recentCrashes, restartVerdict } from './restart-policy.ts';
import type { Places } from './spawn-command.ts';
import { spawnCommand } from './spawn-command.ts';
import type { AppRecord } from './store.ts';
import { WorkerHandle } from './worker-handle.ts';
import type { Verdict, WorkerEvent } from './worker-state.ts';
import { isAlive, transition } from './worker-state.ts';

/** What an app needs of the supervisor around it. */
export interface Surroundings {
  readonly holder: HolderClient;
  readonly places: Places;
  now(): number;
  random(): number;
  newId(): string;
  /** Connections dropped by the kernel so far. */
  refused(): number;
  emit(event: NewEvent): void;
  /** The record has changed: save it. */
  changed(): void;
  ended(operation: Operation): void;
  removed(app: App): void;
  /** A worker ended: the app may have come to rest. */
  checkStopped(app: App): void;
  readOutput(worker: WorkerHandle, stream: Stream, handle: RawHandle): Promise<void>;
}

/** How long the end of a dead worker's output is waited for: a descendant may hold it open. */
const LAST_OUTPUT_MS = 250;

/** A lend that no worker has confirmed after this long is tried again. */
const LEND_PATIENCE_MS = 1000;

interface CrashUnderRepair {
  readonly at: number;
  readonly before: Totals;
  readonly refused: number;
}

export class App {
  record: AppRecord;
  readonly workers: Map<string, WorkerHandle> = new Map();
  readonly listeners: Map<string, ListenerInfo> = new Map();
  readonly restarts: Map<number, number> = new Map();
  /** How the worker that ended last ended. */
  lastExit: Exit | null = null;
  readonly #crashes = new Map<number, number[]>();
  readonly #repairs = new Map<number, CrashUnderRepair>();
  readonly #lending = new Map<string, number>();
  readonly #around: Surroundings;
  #wake: NodeJS.Timeout | null = null;
  #paused = false;

  constructor(record: AppRecord, around: Surroundings) {
    this.record = record;
    this.#around = around;
  }

  get name(): string {
    return this.record.name;
  }

  /** Answered, reset and truncated since the app was started, its live workers included. */
  get totals(): Totals {
    return [...this.workers.values()].reduce((sum, { gone, stats }) => (gone ? sum : add(sum, stats)), this.record.totals);
  }

  /** Replaces the record by what a verb makes of it. A change under way gives way if it may. */
  change(next: AppRecord): void {
    const before = this.record.underWay;
    if (before !== null && before.operation.id !== next.underWay?.operation.id) {
      const error = new SkeinError('E_ABANDONED', {
        app: this.name,
        verb: before.operation.verb,
        reason: `${next.underWay?.operation.verb ?? 'another command'} was asked for`,
      }).toData();
      this.#around.ended({ ...before.operation, state: 'failed', endedAt: this.#around.now(), error });
    }
    this.record = next;
    this.#around.changed();
    if (!next.run && next.underWay?.change.kind === 'stop') this.#around.holder.send({ verb: 'unbind', app: this.name, key: null });
    this.reconcile();
  }

  /** Until `resume`, nothing is decided: a new supervisor first hears from the workers. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    // Who has not said hello by now is blocked; it was running, so it is taken to be ready.
    for (const worker of this.workers.values())
      if (!worker.connected && !worker.gone && worker.spec.kind === 'node') this.#believe(worker, 'ready');
    this.reconcile();
  }

  reconcile(): void {
    if (this.#paused) return;
    const { now } = this.#around;
    const { record } = this;
    const change = record.underWay?.change;
    const decision = decide(
      {
        run: record.run,
        generation: record.current.number,
        instances: record.current.spec.instances,
        parallel: change?.kind === 'rollout' ? change.parallel : null,
      },
      [...this.workers.values()].map(({ fact }) => fact),
      now(),
    );
    for (const action of decision.actions) this.#do(action);
    this.#lend();
    this.#setBeats();
    this.#wakeAt(decision.wakeAt);
    this.#advance(decision.settled && decision.actions.every((action) => action.do === 'discard'));
  }

  /** A worker that an earlier supervisor started. */
  adopt({ tag, pid, startedAt, exit }: ChildInfo, spec: AppSpec): void {
    const worker = this.#newWorker(tag, spec, startedAt);
    worker.pid = pid;
    // A program has been running without us; a worker with the preload says in its hello how it is.
    if (spec.kind === 'program') worker.state = { name: 'ready', since: startedAt };
    else this.#watch(worker);
    if (exit !== null) queueMicrotask(() => this.exited(tag.id, exit));
  }

  spawned(id: string, pid: number, startedAt: number): void {
    const worker = this.workers.get(id);
    if (worker === undefined) return;
    worker.pid = pid;
    worker.startedAt = startedAt;
    worker.readiness?.spawned();
    this.#emit(worker, 'worker-started', `worker ${worker.tag.slot} started (generation ${worker.tag.generation})`);
  }

  spawnFailed(id: string, reason: string): void {
    const worker = this.workers.get(id);
    if (worker !== undefined) this.#end(worker, { code: null, signal: null }, { kind: 'spawn', reason });
  }

  output(id: string, stream: Stream, handle: RawHandle): void {
    const worker = this.workers.get(id);
    if (worker !== undefined) worker.outputs.push(this.#around.readOutput(worker, stream, handle));
  }

  exited(id: string, exit: Exit): void {
    const worker = this.workers.get(id);
    if (worker === undefined || worker.gone) return;
    worker.gone = true;
    // Its connections wait in its queue: before anything else, a sibling takes them.
    this.#lend();
    this.#around.holder.send({ verb: 'signal', id, signal: 'SIGKILL', group: true });
    const patience = new Promise<void>((resolve) => setTimeout(resolve, LAST_OUTPUT_MS).unref());
    void Promise.race([Promise.all(worker.outputs), patience]).then(() => {
      this.#around.holder.send({ verb: 'forget', id });
      this.#end(worker, exit, { kind: 'exited', exit });
    });
  }

  heard(worker: WorkerHandle, message: FromWorker): void {
    const now = this.#around.now();
    switch (message.type) {
      case 'hello':
        worker.listening = message.listening;
        worker.serving = message.serving;
        worker.report(message.stats, now);
        this.#believe(worker, message.phase);
        break;
      case 'listening':
        worker.listening = [...worker.listening, message.listening];
        break;
      case 'closed':
        worker.listening = worker.listening.filter(({ key }) => key !== message.key);
        this.#closeUnused(message.key);
        break;
      case 'serving':
        worker.serving = message.serving;
        for (const { key, slot } of message.serving) this.#lending.delete(`${key} ${slot}`);
        break;
      case 'ready':
        worker.declaredReady = true;
        break;
      case 'beat':
        worker.lastBeat = now;
        if (!worker.blocked) return;
        worker.blocked = false;
        break;
      case 'stats':
        worker.report(message.stats, now);
        return;
      case 'drained':
        worker.report(message.stats, now);
        this.#stop(worker);
        break;
      case 'hang':
        this.#emit(worker, 'worker-hung', `worker ${worker.tag.slot} has been blocked for ${message.blockedMs} ms in:\n${message.stack}`);
        return;
      case 'probed':
      case 'message':
        break;
    }
    worker.readiness?.heard(message);
    this.reconcile();
  }

  /** The event loop of a worker has not turned for this long. */
  overdue(worker: WorkerHandle, forMs: number): void {
    const { hangTimeoutMs } = worker.spec;
    if (hangTimeoutMs !== null && forMs >= hangTimeoutMs && worker.replace === null) {
      this.#emit(worker, 'worker-hung', `worker ${worker.tag.slot} has been blocked for ${forMs} ms and is replaced`);
      worker.replace = 'hung';
      this.reconcile();
    } else if (!worker.blocked) {
      worker.blocked = true;
      this.reconcile();
    }
  }

  overMemory(worker: WorkerHandle, bytes: number): void {
    if (worker.replace !== null || worker.state.name !== 'ready') return;
    const megabytes = Math.round(bytes / 2 ** 20);
    this.#emit(worker, 'worker-over-memory', `worker ${worker.tag.slot} uses ${megabytes} MiB and is replaced`);
    worker.replace = 'memory';
    this.reconcile();
  }

  #do(action: Action): void {
    if (action.do === 'start') {
      this.#start(action.slot);
      return;
    }
    const worker = this.workers.get(action.id);
    if (worker === undefined) return;
    switch (action.do) {
      case 'drain':
        this.#drain(worker);
        return;
      case 'stop':
        this.#stop(worker);
        return;
      case 'kill':
        this.#apply(worker, { type: 'kill' });
        this.#around.holder.send({ verb: 'signal', id: action.id, signal: 'SIGKILL', group: true });
        return;
      case 'discard':
        this.workers.delete(action.id);
    }
  }

  #start(slot: number): void {
    const { current } = this.record;
    const tag: WorkerTag = {
      id: this.#around.newId(),
      app: this.name,
      slot,
      generation: current.number,
      accept: current.spec.accept,
    };
    this.#watch(this.#newWorker(tag, current.spec, this.#around.now()));
    this.#around.holder.send(spawnCommand(current.spec, tag, this.#around.places));
  }

  #newWorker(tag: WorkerTag, spec: AppSpec, startedAt: number): WorkerHandle {
    const worker = new WorkerHandle(tag, spec, startedAt, new OutputTail());
    this.workers.set(tag.id, worker);
    return worker;
  }

  #watch(worker: WorkerHandle): void {
    worker.readiness = watchReadiness({
      worker,
      onReady: () => {
        this.#apply(worker, { type: 'ready' });
        this.reconcile();
      },
      onTimeout: () => this.#notReady(worker),
    });
  }

  /** A worker says where it stands: news only if it was started by an earlier supervisor. */
  #believe(worker: WorkerHandle, phase: WorkerPhase): void {
    if (worker.state.name !== 'starting' || phase === 'starting') return;
    worker.readiness?.close();
    worker.state = { name: 'ready', since: worker.startedAt };
    if (phase === 'draining') this.#apply(worker, { type: 'drain', limitMs: worker.spec.drainTimeoutMs });
    if (phase === 'drained') this.#stop(worker);
  }

  #drain(worker: WorkerHandle): void {
    const { drainTimeoutMs: limitMs, kind } = worker.spec;
    const closeIdle = this.record.underWay?.change.kind === 'stop';
    if (kind === 'program' || !worker.send({ type: 'drain', limitMs, closeIdle })) {
      // No preload that could drain, or it does not listen to us (yet): its own signal must do.
      if (kind === 'program' || !worker.connected) this.#stop(worker);
      else this.#apply(worker, { type: 'drain', limitMs });
      return;
    }
    this.#apply(worker, { type: 'drain', limitMs });
  }

  #stop(worker: WorkerHandle): void {
    if (worker.state.name === 'stopping') return;
    this.#apply(worker, { type: 'stop', killTimeoutMs: worker.spec.killTimeoutMs });
    this.#around.holder.send({ verb: 'signal', id: worker.tag.id, signal: worker.spec.stopSignal, group: false });
  }

  #apply(worker: WorkerHandle, event: WorkerEvent): void {
    const before = worker.state;
    worker.state = transition(before, event, this.#around.now());
    if (worker.state.name === before.name) return;
    const { slot } = worker.tag;
    if (worker.state.name === 'draining') this.#emit(worker, 'worker-draining', `worker ${slot} drains`);
    if (worker.state.name !== 'ready') return;
    worker.readiness?.close();
    this.#emit(worker, 'worker-ready', `worker ${slot} is ready`);
    this.#repaired(worker);
  }

  #notReady(worker: WorkerHandle): void {
    if (worker.state.name !== 'starting') return;
    this.#failed(worker, { kind: 'not-ready' }, false);
    this.#crashes.set(worker.tag.slot, [...(this.#crashes.get(worker.tag.slot) ?? []), this.#around.now()]);
    this.#stop(worker);
    this.reconcile();
  }

  #end(worker: WorkerHandle, exit: Exit, failure: Failure): void {
    const { tag, state } = worker;
    const now = this.#around.now();
    worker.gone = true;
    worker.readiness?.close();
    const unasked = state.name === 'starting' || state.name === 'ready';
    // `totals` leaves out what has gone; here it still belongs to the time before the crash.
    const before = add(this.totals, worker.stats);
    this.record = { ...this.record, totals: add(this.record.totals, finalTotals(worker.stats)) };
    const crashes = recentCrashes(this.#crashes.get(tag.slot) ?? [], now);
    const verdict = restartVerdict(worker.spec.restart, exit, crashes, now, this.#around.random);
    worker.state = transition(state, { type: 'exited', exit, verdict }, now);
    if (unasked) {
      if (verdict.then !== 'stay-stopped') this.#crashes.set(tag.slot, [...crashes, now]);
      this.#crashed(worker, exit, verdict, before);
      const wanted = verdict.then === 'stay-stopped' && (exit.code === 0 || worker.spec.restart.stopExitCodes.includes(exit.code ?? -1));
      if (!wanted) this.#failed(worker, failure, state.name === 'ready');
    } else this.#emit(worker, 'worker-exited', `worker ${tag.slot} ended with ${describeExit(exit)}`);
    this.lastExit = exit;
    this.#around.changed();
    this.reconcile();
    this.#around.checkStopped(this);
  }

  #crashed(worker: WorkerHandle, exit: Exit, verdict: Verdict, before: Totals): void {
    const { slot } = worker.tag;
    const lost = worker.stats.inFlight;
    const how = `worker ${slot} ended with ${describeExit(exit)}`;
    const inFlight = lost > 0 ? `; ${lost} requests were in flight in it` : '';
    switch (verdict.then) {
      case 'stay-stopped':
        this.#emit(worker, 'worker-stopped', `${how} and is not restarted${inFlight}`);
        return;
      case 'give-up':
        this.#emit(worker, 'app-failed', `${how}; ${verdict.reason}, so it is not restarted any more${inFlight}`);
        return;
      case 'restart':
        this.restarts.set(slot, (this.restarts.get(slot) ?? 0) + 1);
        if (!this.#repairs.has(slot)) this.#repairs.set(slot, { at: this.#around.now(), before, refused: this.#around.refused() });
        this.#emit(worker, 'worker-crashed', `${how}; restarted ${verdict.afterMs === 0 ? 'at once' : `in ${verdict.afterMs} ms`}${inFlight}`);
    }
  }

  #repaired(worker: WorkerHandle): void {
    const { slot } = worker.tag;
    const repair = this.#repairs.get(slot);
    if (repair === undefined) return;
    this.#repairs.delete(slot);
    const took = this.#around.now() - repair.at;
    const report = reportBetween(repair.before, this.totals, this.#around.refused() - repair.refused, took);
    this.#around.emit({
      kind: 'worker-replaced',
      app: this.name,
      slot,
      pid: worker.pid,
      text: `worker ${slot} is back after ${took} ms`,
      report,
    });
  }

  #failed(worker: WorkerHandle, failure: Failure, wasReady: boolean): void {
    if (worker.tag.generation !== this.record.current.number || !needsEveryWorker(this.record, wasReady)) return;
    const error = failureOf(worker, failure);
    this.record = undo(this.record, error);
    this.#emit(worker, 'app-failed', error.message);
    this.#around.changed();
  }

  #advance(settled: boolean): void {
    const { record } = this;
    const now = this.#around.now();
    const alive = [...this.workers.values()].filter(({ state }) => isAlive(state));
    const ready = new Set(
      alive.filter(({ tag, state }) => state.name === 'ready' && tag.generation === record.current.number).map(({ tag }) => tag.slot),
    );
    const step = advance(record, {
      settled,
      full: ready.size >= record.current.spec.instances,
      alive: alive.length,
      others: alive.filter(({ tag }) => tag.generation !== record.current.number).length,
      now,
    });
    if (step.record === record) return;
    this.record = step.record;
    if (step.then === 'go-on') {
      this.#around.changed();
      this.reconcile();
      return;
    }
    this.#finish(record, step.then, step.remove);
  }

  #finish(before: AppRecord, state: 'succeeded' | 'failed', remove: boolean): void {
    const { operation, undo: error, before: totals, refusedBefore, fullAt } = before.underWay!;
    const now = this.#around.now();
    const fullCapacityMs = this.record.run ? (fullAt ?? now) - operation.startedAt : null;
    const report = reportBetween(totals, this.totals, this.#around.refused() - refusedBefore, fullCapacityMs);
    if (!this.record.run) this.#around.holder.send({ verb: 'unbind', app: this.name, key: null });
    if (operation.verb === 'reload' || operation.verb === 'rollback') for (const key of this.listeners.keys()) this.#closeUnused(key);
    if (remove) this.#around.removed(this);
    this.#around.ended({ ...operation, state, endedAt: now, error, report });
    this.#around.changed();
  }

  /** Closes a listener on which no worker of the app listens any more. */
  #closeUnused(key: string): void {
    const used = [...this.workers.values()].some(({ gone, listening }) => !gone && listening.some((own) => own.key === key));
    const restarting = [...this.workers.values()].some(({ state }) => state.name !== 'ready' && state.name !== 'draining' && state.name !== 'stopping');
    if (used || restarting || !this.listeners.delete(key)) return;
    this.#around.holder.send({ verb: 'unbind', app: this.name, key });
  }

  #lend(): void {
    const sockets = [...this.listeners.values()].flatMap(({ key, mode, slots }) =>
      mode === 'per-worker' ? slots.map((slot) => ({ key, slot })) : [],
    );
    if (sockets.length === 0) return;
    const servers = [...this.workers.values()]
      .filter(({ gone, state }) => !gone && isAlive(state))
      .map(({ tag, listening, serving, fit }) => ({
        id: tag.id,
        slot: tag.slot,
        listens: new Set(listening.map(({ key }) => key)),
        serving,
        fit,
      }));
    const now = this.#around.now();
    for (const action of decideLending(sockets, servers)) {
      const { key, slot } = action;
      if (action.do === 'return') {
        this.workers.get(action.from)?.send({ type: 'return', key, slot });
        continue;
      }
      const asked = this.#lending.get(`${key} ${slot}`);
      if (asked !== undefined && now - asked < LEND_PATIENCE_MS) continue;
      this.#lending.set(`${key} ${slot}`, now);
      this.#around.holder.send({ verb: 'hand-over', app: this.name, key, slot, to: action.to });
    }
  }

  /** Beats cost wake-ups, so they are asked for only where somebody could act on a silence. */
  #setBeats(): void {
    const now = this.#around.now();
    const siblings = this.record.current.spec.instances > 1 && [...this.listeners.values()].some(({ mode }) => mode === 'per-worker');
    for (const worker of this.workers.values())
      worker.setBeats(worker.state.name === 'ready' && !worker.gone && (siblings || worker.spec.hangTimeoutMs !== null), now);
  }

  #wakeAt(at: number | null): void {
    if (this.#wake !== null) clearTimeout(this.#wake);
    this.#wake = at === null ? null : setTimeout(() => this.reconcile(), Math.max(0, at - this.#around.now()));
  }

  #emit(worker: WorkerHandle, kind: NewEvent['kind'], text: string): void {
    this.#around.emit({ kind, app: this.name, slot: worker.tag.slot, pid: worker.pid, text });
  }
}
