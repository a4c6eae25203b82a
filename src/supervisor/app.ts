/**
 * One app: keeps its record, holds its workers, and makes what is there equal to what is wanted.
 * What to do is decided in `decide.ts` and `changes.ts`; here it is done.
 */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { ChildInfo, Exit } from '../protocol/holder.ts';
import type { FromWorker } from '../protocol/worker.ts';
import type { ErrorData } from '../core/errors.ts';
import type { Totals } from './accounting.ts';
import { add, reportBetween } from './accounting.ts';
import { isPastStart, isWanted } from './adoption.ts';
import { adopted, launch, rested, restingSlots } from './launch.ts';
import { AppSockets } from './app-sockets.ts';
import { abandon, abandonedFor, advance, isStart, progressAt, undo } from './changes.ts';
import type { Action, Decision, WorkerFact } from './decide.ts';
import { decide } from './decide.ts';
import type { NewEvent } from './events.ts';
import type { Failure } from './failure.ts';
import type { Standing } from './dependencies.ts';
import { standingOf } from './dependencies.ts';
import type { RawHandle } from './holder-client.ts';
import { HookRun } from './hooks.ts';
import type { Stream } from '../logs/paths.ts';
import type { Moment } from './crashes.ts';
import { Crashes } from './crashes.ts';
import { withIds } from './slot-ids.ts';
import type { AppRecord } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { waitingOf } from './waiting.ts';
import { endWorker, notReady } from './worker-end.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { tellHealth } from './worker-health.ts';
import { believe, drain, step, stop, watch } from './worker-steps.ts';

export class App {
  record: AppRecord;
  readonly workers: Map<string, WorkerHandle> = new Map();
  readonly sockets: AppSockets;
  crashes: Crashes;
  /** What it waits for before anything is done, for people: `waits for db to be ready`. */
  waitingFor: string | null = null;
  /** How the worker that ended last ended. */
  lastExit: Exit | null = null;
  readonly around: Surroundings;
  readonly #hooks: HookRun = new HookRun(this);
  #standing: Standing | null = null;
  /** A stop has begun, and its sockets have been given up. */
  #unbound = false;
  #wake: NodeJS.Timeout | null = null;
  #paused = false;

  constructor(record: AppRecord, around: Surroundings) {
    this.record = withIds(record, () => around.newSlotId());
    this.crashes = new Crashes(record.crashes);
    this.around = around;
    for (const slot of record.resting ?? []) this.#add(rested(slot, record, around));
    this.sockets = new AppSockets(record.name, around.holder);
  }

  get name(): string {
    return this.record.name;
  }

  /** As those see it that depend on it. */
  get standing(): Standing {
    return standingOf(
      this.record,
      this.#list().map(({ tag: { slot }, state, pid }) => ({ slot, state, pid })),
    );
  }

  /** Answered, reset and truncated since the app was started, its live workers included. */
  get totals(): Totals {
    return this.#list().reduce((sum, { gone, stats }) => (gone ? sum : add(sum, stats)), this.record.totals);
  }

  /** The record with what must outlive this process of slots and crashes. */
  get saved(): AppRecord {
    return { ...this.record, resting: restingSlots(this.#list()), crashes: this.crashes.saved() };
  }

  /** What the change under way needs did not come up: back. */
  fail(error: ErrorData): void {
    this.record = undo(this.record, error);
    this.around.changed();
    this.reconcile();
  }

  /** The change under way can come to no end by itself. */
  abandon(error: ErrorData): void {
    this.record = abandon(this.record, error);
    this.around.changed();
    this.reconcile();
  }

  /**
   * Replaces the record by what a verb makes of it. A change under way gives way if it may. It is
   * neither saved nor begun: `changed` and `reconcile` are for the caller, who may change more apps.
   */
  accept(next: AppRecord): void {
    const before = this.record.underWay;
    if (before !== null && before.operation.id !== next.underWay?.operation.id) {
      const error = abandonedFor(before, next);
      this.around.ended({ ...before.operation, state: 'failed', endedAt: this.around.now(), error });
    }
    this.take(next);
    this.#unbound = false;
    // What crashed before says nothing about an app that begins anew.
    if (isStart(next)) this.crashes = new Crashes();
  }

  change(next: AppRecord): void {
    this.accept(next);
    this.around.changed();
    this.reconcile();
  }

  /** The next record. Workers of its generation live by its settings, also by those changed since. */
  take(next: AppRecord): void {
    this.record = withIds(next, () => this.around.newSlotId());
    const { number, spec } = next.current;
    for (const worker of this.workers.values()) if (worker.tag.generation === number) worker.follow(spec);
  }

  /** Until `resume`, nothing is decided: a new supervisor first hears from the workers. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    // Who has not said hello by now is blocked; it was running, so it is taken to be ready.
    for (const worker of this.workers.values())
      if (!worker.connected && !worker.gone && isPastStart(worker, this.around.now()))
        believe(this, worker, 'ready');
    this.reconcile();
  }

  reconcile(): void {
    if (this.#paused) return;
    const { now } = this.around;
    this.#wait();
    const decision = this.#decide();
    for (const action of decision.actions) this.#do(action);
    // What was just told to end has a time limit only now.
    const { wakeAt } = decision.actions.length === 0 ? decision : this.#decide();
    const lendAgainAt = this.sockets.lend(this.#list(), now());
    const { instances } = this.record.current.spec;
    this.sockets.setBeats(this.#list(), instances, now());
    for (const worker of this.workers.values()) worker.tellCount(instances);
    this.#wakeAt(Math.min(wakeAt ?? Infinity, lendAgainAt ?? Infinity));
    this.#advance(decision.settled && decision.actions.every((action) => action.do === 'discard'));
    this.#hooks.follow();
    this.#tellStanding();
    this.around.balancing.follow();
  }

  #decide(): Decision {
    const { record } = this;
    const change = record.underWay?.change;
    return decide(
      {
        run: record.run,
        hold: this.waitingFor !== null,
        generation: record.current.number,
        instances: record.current.spec.instances,
        parallel: change?.kind === 'rollout' ? change.parallel : null,
      },
      this.#facts(),
      this.around.now(),
    );
  }

  /** Looks at the apps that it needs, or that need it, before anything is begun. */
  #wait(): void {
    const before = this.waitingFor;
    const waiting = waitingOf(this.record, this.around);
    this.waitingFor = waiting.then === 'wait' ? waiting.reason : null;
    if (waiting.then === 'wait' && before !== waiting.reason)
      this.around.emit({ kind: 'message', app: this.name, text: waiting.reason });
    if (waiting.then === 'begin') {
      this.record = waiting.record;
      if (waiting.error !== null)
        this.around.emit({ kind: 'app-failed', app: this.name, text: waiting.error.message });
      this.around.changed();
    }
    if (this.record.underWay?.change.kind !== 'stop' || this.waitingFor !== null || this.#unbound) return;
    this.#unbound = true;
    this.sockets.unbindAll();
  }

  #tellStanding(): void {
    const { standing } = this;
    if (standing === this.#standing) return;
    this.#standing = standing;
    this.around.standingChanged();
  }

  /** A worker that an earlier supervisor started. */
  adopt(child: ChildInfo, spec: AppSpec): void {
    const worker = adopted(child, spec);
    this.#add(worker);
    worker.readiness?.spawned();
  }

  spawned(id: string, pid: number, startedAt: number): void {
    const worker = this.workers.get(id);
    if (worker === undefined) return;
    worker.pid = pid;
    worker.startedAt = startedAt;
    worker.readiness?.spawned();
    this.tell(
      worker,
      'worker-started',
      `worker ${worker.tag.slot} started (generation ${worker.tag.generation})`,
    );
    this.#tellStanding();
  }

  spawnFailed(id: string, failure: Failure): void {
    const worker = this.workers.get(id);
    if (worker !== undefined) endWorker(this, worker, { code: null, signal: null }, failure);
  }

  output(id: string, stream: Stream, handle: RawHandle): void {
    const worker = this.workers.get(id);
    if (worker !== undefined) worker.outputs.push(this.around.readOutput(worker, stream, handle));
  }

  exited(id: string, exit: Exit): void {
    const worker = this.workers.get(id);
    if (worker === undefined || worker.gone) return;
    worker.gone = true;
    // While there was no supervisor: if it was on its way out, its end was asked for.
    if (worker.adopted && worker.state.name === 'starting' && !isWanted(this.record, worker.tag))
      step(this, worker, { type: 'stop', killTimeoutMs: 0 });
    // Its connections wait in its queue: before anything else, a sibling takes them.
    this.sockets.lend(this.#list(), this.around.now());
    this.around.signal(worker, 'SIGKILL', true);
    void worker.lastOutput().then(() => {
      this.around.holder.send({ verb: 'forget', id });
      endWorker(this, worker, exit, { kind: 'exited', exit });
    });
  }

  heard(worker: WorkerHandle, message: FromWorker): void {
    const wasBlocked = worker.blocked;
    const { health } = worker;
    worker.note(message, this.around.now());
    switch (message.type) {
      case 'hello':
        believe(this, worker, message.phase);
        // What an earlier supervisor found is told already.
        if (!worker.adopted) tellHealth(this, worker, health);
        break;
      case 'health':
        tellHealth(this, worker, health);
        break;
      case 'hooks':
        return;
      case 'closed':
        if (worker.state.name === 'ready')
          this.sockets.closedBy(
            () => this.#list(),
            () => this.record.current.spec.instances,
            message.key,
          );
        break;
      case 'serving':
        this.sockets.confirmed(worker);
        break;
      case 'beat':
        if (!wasBlocked) return;
        break;
      case 'drained':
        stop(this, worker);
        break;
      case 'hang':
        this.tell(
          worker,
          'worker-hung',
          `worker ${worker.tag.slot} has been blocked for ${message.blockedMs} ms in:\n${message.stack}`,
        );
        return;
      case 'stats':
      case 'threads':
      case 'balancer':
        return;
      case 'listening':
      case 'ready':
      case 'probed':
      case 'message':
        break;
    }
    worker.readiness?.heard(message);
    this.reconcile();
  }

  /** An event about one worker. */
  tell(worker: WorkerHandle, kind: NewEvent['kind'], text: string): void {
    this.around.emit({ kind, app: this.name, slot: worker.tag.slot, pid: worker.pid, text });
  }

  #do(action: Action): void {
    if (action.do === 'start') {
      if (this.around.holder.alive) this.#add(launch(this.record.current, action.slot, this.around));
      return;
    }
    const worker = this.workers.get(action.id);
    if (worker === undefined) return;
    switch (action.do) {
      case 'drain':
        return drain(this, worker);
      case 'stop':
        return stop(this, worker);
      case 'kill':
        step(this, worker, { type: 'kill' });
        this.around.signal(worker, 'SIGKILL', true);
        return;
      case 'discard':
        this.around.balancing.gone(worker);
        this.workers.delete(action.id);
    }
  }

  #add(worker: WorkerHandle): void {
    this.workers.set(worker.tag.id, worker);
    if (worker.state.name === 'starting') watch(this, worker, () => notReady(this, worker));
  }

  /** For the report of what follows. */
  moment(): Moment {
    return { now: this.around.now(), totals: this.totals, refused: this.around.refused() };
  }

  #facts(): WorkerFact[] {
    return this.#list().map((worker) => worker.fact(this.record.current.spec.instances));
  }

  #list(): WorkerHandle[] {
    return [...this.workers.values()];
  }

  #advance(isSettled: boolean): void {
    const { record } = this;
    const settled = isSettled && (!record.run || this.around.balancing.isFronted(this));
    const next = advance(record, progressAt(record.current, this.#facts(), settled, this.around.now()));
    if (next.record === record) return;
    this.record = next.record;
    if (next.then !== 'go-on') return this.#finish(record, next.then, next.remove);
    this.around.changed();
    this.reconcile();
  }

  #finish(before: AppRecord, state: 'succeeded' | 'failed', remove: boolean): void {
    const { operation, undo: error, before: totals, refusedBefore, fullAt } = before.underWay!;
    const now = this.around.now();
    const fullCapacityMs = this.record.run ? (fullAt ?? now) - operation.startedAt : null;
    const report = reportBetween(totals, this.totals, this.around.refused() - refusedBefore, fullCapacityMs);
    if (!this.record.run) this.sockets.unbindAll();
    if (['reload', 'rollback', 'restart'].includes(operation.verb))
      this.sockets.closeAllUnused(this.#list(), this.record.current.spec.instances);
    if (remove) this.around.removed(this);
    this.around.ended({ ...operation, state, endedAt: now, error, report });
    this.around.changed();
  }

  /** `at`: Infinity when nothing depends on the time. */
  #wakeAt(at: number): void {
    if (this.#wake !== null) clearTimeout(this.#wake);
    // What setTimeout takes at most; longer waits are made of several.
    const ms = Math.min(Math.max(0, at - this.around.now()), 2 ** 31 - 1);
    this.#wake = at === Infinity ? null : setTimeout(() => this.reconcile(), ms);
  }
}
