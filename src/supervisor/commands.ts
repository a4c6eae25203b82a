/**
 * What the control API asks to be done: each request becomes one operation for each app it means.
 * All or nothing: what one of the apps refuses is done to none. The doing is the apps' own.
 */
import { isDeepStrictEqual } from 'node:util';
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type {
  Applied,
  ApplyRequest,
  Operation,
  OperationRequest,
  SignalRequest,
} from '../protocol/control.ts';
import { App } from './app.ts';
import { frontOf } from './balancing/companion-spec.ts';
import { withoutCompanions } from './balancing/companion-targets.ts';
import * as changes from './changes.ts';
import type { Standing } from './dependencies.ts';
import { inOrder, refuseCircle, refuseWithout } from './dependencies.ts';
import type { Operations } from './operations.ts';
import type { KnownApp, PlannedStep } from './plan.ts';
import { planApply, toldOf } from './plan.ts';
import type { AppRecord } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import type { Target } from './targets.ts';
import { resolveTargets, wholeApps } from './targets.ts';
import { progressOf, stateOf } from './views.ts';
import { mustBeFree, recordAfter, recordAfterStep, verbOf } from './verbs.ts';
import { isAlive } from './worker-state.ts';

export interface CommandsOptions {
  readonly apps: Map<string, App>;
  readonly around: Surroundings;
  readonly operations: Operations;
  /** Whether everything is about to end. */
  readonly closing: () => boolean;
  /** The balancer that ends with an app. */
  readonly endsWith: (app: string) => App | undefined;
}

/** What an app's record becomes, and by which operation. */
interface Planned {
  readonly name: string;
  readonly operation: Operation | null;
  readonly next: AppRecord;
}

const knownApp = (app: App): KnownApp => {
  const { record } = app;
  const state = record.run ? stateOf(app) : null;
  return { record, over: state === 'failed' ? 'failed' : state === 'stopped' ? 'ended' : null };
};

/** An app that has a new name finds its addresses free. */
const stoppedFirst = (planned: readonly Planned[]): Planned[] => {
  const after = planned.filter(({ next }) => changes.isStop(next)).map(({ name }) => name);
  return planned.map((one) =>
    one.next.underWay?.change.kind === 'start' ? { ...one, next: { ...one.next, after } } : one,
  );
};

export class Commands {
  readonly #apps: Map<string, App>;
  readonly #around: Surroundings;
  readonly #operations: Operations;
  readonly #closing: () => boolean;
  readonly #endsWith: CommandsOptions['endsWith'];

  constructor({ apps, around, operations, closing, endsWith }: CommandsOptions) {
    this.#apps = apps;
    this.#around = around;
    this.#operations = operations;
    this.#closing = closing;
    this.#endsWith = endsWith;
  }

  /** Apps that these targets name; all when there is none. Throws E_UNKNOWN_APP. */
  names(targets: readonly string[]): string[] {
    return this.#targets(targets).map(({ name }) => name);
  }

  /** The same with the balancers before them: what a user sees of an app. */
  shown(targets: readonly string[]): App[] {
    const named = new Set(this.names(targets));
    return [...this.#apps.values()].filter(
      ({ name, record }) => named.has(name) || named.has(frontOf(record.current.spec) ?? ''),
    );
  }

  select(targets: readonly string[]): App[] {
    return this.names(targets).map((name) => this.#apps.get(name)!);
  }

  start(spec: AppSpec): Operation[] {
    this.#mustBeOpen();
    const known = this.#apps.get(spec.name);
    if (known !== undefined) mustBeFree(known.record);
    const opening = this.#opening('start', spec.name);
    // A new start replaces all settings, also what kind of program it is.
    const next =
      known === undefined ? changes.startNew(spec, opening) : changes.startAs(known.record, spec, opening);
    return this.#begin([{ name: spec.name, operation: opening.operation, next }]);
  }

  operate(request: OperationRequest): Operation[] {
    const { verb } = request;
    const targets = withoutCompanions(this.#targets(request.targets), request);
    const ends = verb === 'stop' || verb === 'delete';
    const names = ends || verb === 'scale' ? wholeApps(targets, verb) : targets.map(({ name }) => name);
    if (ends) this.mustNotClose();
    else this.#mustBeOpen();
    return this.#begin(
      names.map((name) => {
        const { record } = this.#apps.get(name)!;
        if (ends) return this.#ending(record, verb === 'delete' ? 'delete' : 'keep', verb);
        mustBeFree(record);
        const opening = this.#opening(verb, name);
        return { name, operation: opening.operation, next: recordAfter(record, request, opening) };
      }),
    );
  }

  /** Makes what runs equal to a list of apps. */
  apply(request: ApplyRequest): Applied {
    const known = new Map(
      [...this.#apps]
        .filter(([, { record }]) => frontOf(record.current.spec) === null)
        .map(([name, app]) => [name, knownApp(app)]),
    );
    const { steps, leftAlone } = planApply(request, known);
    if (!request.dryRun) {
      this.#mustBeOpen();
      for (const { app } of steps) {
        const record = known.get(app)?.record;
        if (record !== undefined) mustBeFree(record);
      }
    }
    const planned = stoppedFirst(steps.flatMap((step) => this.#planned(step)));
    if (request.dryRun) this.#check(planned);
    return {
      plan: steps.map(toldOf),
      leftAlone,
      operations: request.dryRun ? [] : this.#begin(planned),
    };
  }

  /** Rolls every app that runs and is not changing. */
  reloadAll(): void {
    if (!this.#around.holder.alive || this.#closing()) return;
    for (const app of this.#apps.values())
      if (app.record.run && app.record.underWay === null && frontOf(app.record.current.spec) === null)
        this.operate({ verb: 'reload', targets: [app.name] });
  }

  /** The end of every app, which nothing may refuse. */
  stopAll(): Operation[] {
    const planned = [...this.#apps.values()].map(({ record }) => this.#ending(record, 'delete', 'stop'));
    this.#carryOut(planned);
    return planned.flatMap(({ operation }) => operation ?? []);
  }

  /** A change of a balancer, which follows from one of its app. */
  follow(
    verb: Operation['verb'],
    name: string,
    next: (known: AppRecord | undefined, opening: changes.Opening) => AppRecord,
  ): void {
    const opening = this.#opening(verb, name);
    const { operation } = opening;
    const record = next(this.#apps.get(name)?.record, opening);
    this.#carryOut([{ name, operation: verb === 'adjust' ? null : operation, next: record }]);
  }

  signal({ targets, signal }: SignalRequest): number[] {
    return this.#targets(targets).flatMap(({ name, slots }) =>
      [...this.#apps.get(name)!.workers.values()]
        .filter(({ gone, state, pid }) => !gone && pid !== null && isAlive(state))
        .filter(({ tag }) => slots === null || slots.includes(tag.slot))
        .map((worker) => {
          this.#around.signal(worker, signal, false);
          return worker.pid!;
        }),
    );
  }

  /** Sets the counters of restarts back; the names of the apps. */
  reset(targets: readonly string[]): string[] {
    const apps = this.select(targets);
    for (const app of apps) app.crashes.reset();
    this.#around.changed();
    return apps.map(({ name }) => name);
  }

  /** As it stands now; undefined when there was no such operation, or it is long over. */
  operation(id: string): Operation | undefined {
    for (const app of this.#apps.values()) {
      const { underWay } = app.record;
      if (underWay?.operation.id === id) return { ...underWay.operation, progress: progressOf(app) };
    }
    return this.#operations.ended.find((operation) => operation.id === id);
  }

  #targets(targets: readonly string[]): Target[] {
    const apps = [...this.#apps.values()].map(({ name, record: { ids = [], current } }) => ({
      name,
      namespace: current.spec.namespace,
      ids: ids.slice(0, current.spec.instances),
    }));
    return resolveTargets(targets.length === 0 ? ['all'] : targets, apps);
  }

  #planned({ app: name, step }: PlannedStep): Planned[] {
    const verb = verbOf(step);
    if (verb === null) return [];
    const opening = this.#opening(verb, name);
    const next = recordAfterStep(this.#apps.get(name)?.record, step, opening);
    return [{ name, operation: step.do === 'add' ? null : opening.operation, next }];
  }

  /** A second command to end joins the one under way: both get what they asked for. */
  #ending(record: AppRecord, then: 'keep' | 'delete', verb: 'stop' | 'delete'): Planned {
    const opening = this.#opening(verb, record.name);
    const next = changes.stop(record, then, opening);
    return { name: record.name, operation: next.underWay?.operation ?? opening.operation, next };
  }

  /** Settings that contradict those of other apps, and starts that could not go on, are refused. */
  #check(planned: readonly Planned[]): void {
    const specs = new Map([...this.#apps].map(([name, { record }]) => [name, changes.wantedSpec(record)]));
    for (const { name, next } of planned) specs.set(name, changes.wantedSpec(next));
    const after = new Map(planned.map(({ name, next }) => [name, next]));
    const standing = (app: string): Standing | 'unknown' => {
      const record = after.get(app);
      if (record === undefined || (record.run && !changes.isStart(record))) return this.#around.standing(app);
      return changes.isStart(record) ? 'coming' : 'stopped';
    };
    for (const { name, next } of planned) {
      if (changes.isStop(next)) continue;
      this.#checkHolder(changes.wantedSpec(next));
      refuseCircle(name, specs);
      if (changes.isStart(next)) refuseWithout(next.current.spec, standing);
      this.#checkLogs(this.#apps.get(name)?.record, next);
    }
  }

  #checkHolder({ name, balance, balancer }: AppSpec): void {
    if ((balance === null && balancer === null) || this.#around.balancing.isPossible) return;
    throw new SkeinError('E_UNSUPPORTED', {
      what: `balancing of ${name}`,
      reason: 'the holder, which keeps the sockets, is of an earlier version of Skein',
      hint: '`skein kill`, then `skein resurrect`: both are then of this version.',
    });
  }

  /** Only what is new: a log that cannot be written any more is no reason against a reload. */
  #checkLogs(before: AppRecord | undefined, next: AppRecord): void {
    const spec = changes.wantedSpec(next);
    const asBefore = before?.run === true && isDeepStrictEqual(before.current.spec.logs, spec.logs);
    if ((next.run || changes.isStart(next)) && !asBefore) this.#around.checkLogs(spec);
  }

  #begin(planned: readonly Planned[]): Operation[] {
    this.#check(planned);
    this.#carryOut(planned);
    return planned.flatMap(({ operation }) => operation ?? []);
  }

  /**
   * What an app needs is begun before it and ended after it: either finds the other on its way. All
   * are saved at once, before the first begins: a list of a part of them would be the whole one
   * after a power cut.
   */
  #carryOut(asked: readonly Planned[]): void {
    const planned = [...asked, ...this.#endingWith(asked)];
    const inNeed = inOrder(
      planned,
      ({ name }) => name,
      ({ next }) => next.current.spec.dependsOn,
    );
    const ordered = [
      ...inNeed.toReversed().filter(({ next }) => changes.isStop(next)),
      ...inNeed.filter(({ next }) => !changes.isStop(next)),
    ];
    const accepted = ordered.map((one) => this.#accept(one));
    if (accepted.length > 0) this.#around.changed();
    ordered.forEach(({ operation, next }, index) => {
      accepted[index]!.reconcile();
      // Nothing of it is left to be done.
      if (operation !== null && next.underWay === null)
        this.#around.ended({ ...operation, state: 'succeeded', endedAt: this.#around.now() });
    });
  }

  /** Balancers of apps that end. */
  #endingWith(planned: readonly Planned[]): Planned[] {
    const named = new Set(planned.map(({ name }) => name));
    return planned.flatMap(({ name, next }) => {
      const companion = changes.isStop(next) ? this.#endsWith(name) : undefined;
      if (companion === undefined || named.has(companion.name)) return [];
      return [this.#ending(companion.record, 'delete', 'delete')];
    });
  }

  #accept({ name, operation, next }: Planned): App {
    const known = this.#apps.get(name);
    const isNew = operation !== null && known?.record.underWay?.operation.id !== operation.id;
    if (isNew) this.#operations.announce(operation);
    const app = known ?? new App(next, this.#around);
    this.#apps.set(name, app);
    // What is new has been given its ids.
    app.accept(known === undefined ? app.record : next);
    return app;
  }

  #opening(verb: Operation['verb'], app: string): changes.Opening {
    return { operation: this.#operations.begin(verb, app), refused: this.#around.refused() };
  }

  /** Throws E_BUSY while everything is ending. */
  mustNotClose(): void {
    if (this.#closing())
      throw new SkeinError('E_BUSY', { app: 'Skein', verb: 'kill', since: new Date().toISOString() });
  }

  #mustBeOpen(): void {
    this.mustNotClose();
    const { holder } = this.#around;
    if (!holder.alive) throw new SkeinError('E_HOLDER_GONE', { pid: String(holder.pid) });
  }
}
