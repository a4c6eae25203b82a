/**
 * Balancers: each app that asks for one has its companion, each balancer has the newest snapshot, and no
 * worker drains before balancers have let go of it. Like the apps themselves it goes by what is there, so a
 * new supervisor carries on from anywhere.
 */
import { SkeinError } from '../../core/errors.ts';
import type { FromBalancer } from '../../protocol/balance.ts';
import type { BalancerView, UpstreamChanged, UpstreamRequest } from '../../protocol/balancer-view.ts';
import type { Operation } from '../../protocol/control.ts';
import type { App } from '../app.ts';
import * as changes from '../changes.ts';
import type { Standing } from '../dependencies.ts';
import type { NewEvent } from '../events.ts';
import type { AppRecord } from '../store.ts';
import type { WorkerHandle } from '../worker-handle.ts';
import { balancedAddresses } from './addresses.ts';
import { behindApp } from './behind-apps.ts';
import { companionName, companionOf, frontOf } from './companion-spec.ts';
import { companionStep } from './companion-step.ts';
import { homeKeys, KEY_VARIABLE, keysFromText, pseudonymOf } from './keys.ts';
import { SettingsWatch } from './settings-watch.ts';
import { graceOf, LeavingWorkers, mostLeavingMs } from './leaving.ts';
import { Notices } from './notices.ts';
import { balancerViews, changeText, changeUpstream, overridesOfApps } from './operator.ts';
import { withOverrides } from './overrides.ts';
import type { Identity, SnapshotKeys } from './snapshot.ts';
import { buildSnapshot } from './snapshot.ts';
import { Snapshots } from './snapshots.ts';

export interface BalancingOptions {
  readonly apps: ReadonlyMap<string, App>;
  /** SKEIN_HOME. */
  readonly home: string;
  readonly isPossible: boolean;
  now(): number;
  emit(event: NewEvent): void;
  /** The record of an app has changed: save it. */
  changed(): void;
  /** A change that follows from another app's. */
  change(
    verb: Operation['verb'],
    name: string,
    next: (known: AppRecord | undefined, opening: changes.Opening) => AppRecord,
  ): void;
}

/** What a balancer cannot go by makes this change of it fail. */
const isItsChange = ({ underWay }: AppRecord): boolean =>
  underWay !== null && underWay.undo === null && underWay.change.kind !== 'stop';

export class Balancing {
  readonly #options: BalancingOptions;
  readonly #snapshots: Snapshots;
  readonly #leaving: LeavingWorkers;
  readonly #notices: Notices;
  readonly #settings: SettingsWatch;
  /** By app: its operation whose companion did not come up. */
  readonly #gaveUp = new Map<string, string | null>();
  /** Routes to nobody that have been told of, by balancer. */
  readonly #told = new Map<string, string>();
  /** How companions stood when their apps last looked. */
  readonly #standing = new Map<string, Standing | undefined>();
  #keys: SnapshotKeys | null = null;
  #began = false;
  #soon = false;

  constructor(options: BalancingOptions) {
    this.#options = options;
    this.#snapshots = new Snapshots(() => options.now());
    this.#notices = new Notices(options.emit, options.now);
    this.#leaving = new LeavingWorkers({ tell: (limitMs, done) => this.#tell(limitMs, done) });
    this.#settings = new SettingsWatch({ apps: options.apps, isApplied: (app) => this.#isApplied(app) });
  }

  /** From now on: before it, a new supervisor knows too little of the workers. */
  begin(): void {
    this.#began = true;
    this.follow();
  }

  /** Something may have changed. Looks at it soon: more may. */
  follow(): void {
    if (!this.#began || this.#soon) return;
    this.#soon = true;
    queueMicrotask(() => {
      this.#soon = false;
      this.#forgetDeleted();
      this.#companions();
      this.#send();
      this.#snapshots.lookAgain();
      this.#settings.look();
    });
  }

  /** Whether the holder, which may be of an earlier version, can do what balancers need. */
  get isPossible(): boolean {
    return this.#options.isPossible;
  }

  /** Whether all that is to be before this app's workers is there. */
  isFronted({ name, record, sockets, workers }: App): boolean {
    if (!this.#settings.isOver(record)) return false;
    if (companionOf(record.current.spec) === null) return true;
    const listens = balancedAddresses({ listeners: sockets.listeners, workers: [...workers.values()] });
    const standing = this.#options.apps.get(companionName(name))?.standing;
    // Of one that has failed nothing more is to be waited for.
    return listens.length === 0 || standing === 'ready' || standing === 'failed';
  }

  /** How an app stands for those that need it: no better than what is before it. */
  standing(name: string): Standing | 'unknown' {
    const app = this.#options.apps.get(name);
    if (app === undefined) return 'unknown';
    return app.standing === 'ready' && !this.isFronted(app) ? 'started' : app.standing;
  }

  /** The record of the companion that is to end with this app; undefined: there is none. */
  endsWith(name: string): App | undefined {
    const companion = this.#options.apps.get(companionName(name));
    return companion === undefined || changes.isStop(companion.record) ? undefined : companion;
  }

  /** An operation has ended: of a companion that did not come up, its app is told. */
  ended({ app: name, state, error, verb }: Operation): void {
    const spec = this.#options.apps.get(name)?.record.current.spec;
    const app = spec === undefined ? undefined : this.#options.apps.get(frontOf(spec) ?? '');
    if (app === undefined || state !== 'failed' || error === null || verb !== 'start') return;
    this.#gaveUp.set(app.name, app.record.underWay?.operation.id ?? null);
    app.fail(error);
  }

  /** How long `leave` may take for this worker; 0: no balancer leads to it. */
  leavingMs(worker: WorkerHandle, ends: boolean): number {
    return this.#began && worker.spec.balance !== null ? mostLeavingMs(graceOf(worker, ends)) : 0;
  }

  /** Calls `done` when balancers have let go of it: `complete` when they all have said so. */
  leave(worker: WorkerHandle, ends: boolean, done: (complete: boolean) => void): void {
    if (worker.spec.balance === null || !this.#began) return done(false);
    this.#leaving.leave(worker, graceOf(worker, ends), done);
  }

  gone({ tag }: WorkerHandle): void {
    this.#leaving.forget(tag.id);
  }

  greet(worker: WorkerHandle): void {
    if (this.#began) this.#snapshots.greet(worker.tag.app, worker);
  }

  heard(worker: WorkerHandle, said: FromBalancer): void {
    this.#snapshots.heard(worker, said);
    if (said.say === 'applied') this.follow();
    if (said.say === 'noticed') this.#notices.heard(worker, said.text);
    if (said.say === 'refused') this.#refused(worker, said);
  }

  #refused(worker: WorkerHandle, { place, reason }: Extract<FromBalancer, { say: 'refused' }>): void {
    const { app: name, slot } = worker.tag;
    const text = `the balancer goes on as before: ${place}: ${reason}`;
    this.#options.emit({ kind: 'balancer-refused', app: name, slot, pid: worker.pid, text });
    const { apps } = this.#options;
    const balancer = apps.get(name);
    const front = balancer === undefined ? null : frontOf(balancer.record.current.spec);
    const owner = front === null ? undefined : apps.get(front);
    const failing =
      balancer !== undefined && isItsChange(balancer.record)
        ? balancer
        : owner !== undefined && owner.record.underWay?.change.kind === 'settings'
          ? owner
          : undefined;
    failing?.fail(new SkeinError('E_BALANCER_REFUSED', { app: front ?? name, place, reason }).toData());
  }

  /** The balancers that this app's settings are for go by them. */
  #isApplied({ name, record }: App): boolean {
    const balancer = this.#options.apps.get(
      record.current.spec.balancer === null ? companionName(name) : name,
    );
    if (balancer === undefined) return true;
    const revision = this.#snapshots.current(balancer.name)?.revision ?? 0;
    return [...balancer.workers.values()]
      .filter(({ gone, state }) => !gone && state.name === 'ready')
      .every((worker) => this.#snapshots.isPast(worker, revision));
  }

  /** Balancers that are among these apps, or lead to one of them. */
  views(chosen: readonly App[]): BalancerView[] {
    return balancerViews(chosen, this.#options.apps, this.#snapshots);
  }

  /** Throws what `changeUpstream` throws. */
  changeUpstream(request: UpstreamRequest): UpstreamChanged {
    const { app, upstreams, changed } = changeUpstream(request, this.#options.apps, this.#snapshots);
    app.record = { ...app.record, upstreams };
    this.#options.changed();
    this.#options.emit({ kind: 'upstream-changed', app: app.name, text: changeText(changed) });
    this.follow();
    return changed;
  }

  #forgetDeleted(): void {
    const { apps } = this.#options;
    this.#snapshots.keepOnly(apps);
    for (const byName of [this.#gaveUp, this.#told, this.#standing])
      for (const name of byName.keys()) if (!apps.has(name)) byName.delete(name);
  }

  #companions(): void {
    for (const app of [...this.#options.apps.values()]) {
      const { name, record, sockets, workers } = app;
      if (record.current.spec.balancer !== null) continue;
      const companion = this.#options.apps.get(companionName(name));
      if (companion === undefined && companionOf(record.current.spec) === null) continue;
      const listens =
        balancedAddresses({ listeners: sockets.listeners, workers: [...workers.values()] }).length > 0;
      const gaveUp = this.#gaveUp.get(name) === (record.underWay?.operation.id ?? null);
      this.#step(name, companionStep({ record, listens, gaveUp }, companion?.record));
      if (this.#standing.get(name) === companion?.standing) continue;
      this.#standing.set(name, companion?.standing);
      app.reconcile();
    }
  }

  #step(app: string, step: ReturnType<typeof companionStep>): void {
    const { change } = this.#options;
    const name = companionName(app);
    switch (step.do) {
      case 'nothing':
        return;
      case 'delete':
        return change('delete', name, (known, opening) => changes.stop(known!, 'delete', opening));
      case 'start':
        return change('start', name, (known, opening) =>
          known === undefined
            ? changes.startNew(step.spec, opening)
            : changes.startAs(known, step.spec, opening),
        );
      case 'scale':
        return change('scale', name, (known, opening) => changes.scaleAs(known!, step.spec, opening));
      case 'adjust':
        return change('adjust', name, (known) => changes.adjusted(known!, step.spec));
    }
  }

  /** Sends every balancer what it is to go by now, where that has changed. */
  #send(): void {
    const balancers = this.#balancers();
    if (balancers.length === 0) return;
    const apps = new Map(
      [...this.#options.apps.values()]
        .filter(({ record }) => record.current.spec.balancer === null)
        .map((app) => [app.name, behindApp(app, this.#leaving.states)]),
    );
    const ofApps = overridesOfApps(this.#options.apps);
    for (const balancer of balancers) {
      const { balancer: settings } = balancer.record.current.spec;
      const { snapshot, unknown } = buildSnapshot(settings!, apps, this.#identityOf(balancer));
      this.#tellUnknown(balancer.name, unknown);
      const pools = withOverrides(snapshot.pools, [balancer.record.upstreams, ofApps]);
      this.#snapshots.update(balancer.name, { ...snapshot, pools }, balancer.workers.values());
    }
  }

  #tellUnknown(balancer: string, unknown: readonly string[]): void {
    const text = unknown.join(', ');
    if ((this.#told.get(balancer) ?? '') === text) return;
    this.#told.set(balancer, text);
    if (text !== '')
      this.#options.emit({
        kind: 'message',
        app: balancer,
        text: `no app of this Skein is called ${text}: what a route leads there is answered with 503`,
      });
  }

  #tell(limitMs: number, done: (complete: boolean) => void): void {
    this.#send();
    const all = this.#balancers().flatMap((balancer) => {
      const revision = this.#snapshots.current(balancer.name)?.revision ?? 0;
      return [...balancer.workers.values()]
        .filter(
          (worker) =>
            !worker.gone &&
            worker.connected &&
            (worker.state.name !== 'starting' || this.#snapshots.said(worker).applied > 0),
        )
        .map((worker) => ({ worker, revision }));
    });
    this.#snapshots.whenPast(all, limitMs, done);
  }

  #balancers(): App[] {
    return [...this.#options.apps.values()].filter(({ record }) => record.current.spec.balancer !== null);
  }

  /** A balancer before an app goes by the app's variable. */
  #identityOf({ name, record }: App): Identity {
    const { spec } = record.current;
    const own = this.#options.apps.get(frontOf(spec) ?? '')?.record.current.spec ?? spec;
    const text = own.env[KEY_VARIABLE] ?? own.shellEnv[KEY_VARIABLE] ?? process.env[KEY_VARIABLE] ?? '';
    this.#keys ??= homeKeys(this.#options.home, (warning) =>
      this.#options.emit({ kind: 'message', text: warning }),
    );
    // Machines that share sessions are still balancers of their own.
    const pseudonym = pseudonymOf(this.#keys, name);
    return { keys: text === '' ? this.#keys : keysFromText(text), pseudonym };
  }
}
