/**
 * What the control API asks to be done: each request becomes one operation for each app it means.
 * All or nothing: what one of the apps refuses is done to none. The doing is the apps' own.
 */
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { Operation, OperationRequest, SignalRequest } from '../protocol/control.ts';
import { App } from './app.ts';
import * as changes from './changes.ts';
import type { Operations } from './operations.ts';
import type { Surroundings } from './surroundings.ts';
import { resolveTargets } from './targets.ts';
import { progressOf } from './views.ts';
import { mustBeFree, recordAfter } from './verbs.ts';
import { isAlive } from './worker-state.ts';

export interface CommandsOptions {
  readonly apps: Map<string, App>;
  readonly around: Surroundings;
  readonly operations: Operations;
  /** Whether everything is about to end. */
  readonly closing: () => boolean;
}

export class Commands {
  readonly #apps: Map<string, App>;
  readonly #around: Surroundings;
  readonly #operations: Operations;
  readonly #closing: () => boolean;

  constructor({ apps, around, operations, closing }: CommandsOptions) {
    this.#apps = apps;
    this.#around = around;
    this.#operations = operations;
    this.#closing = closing;
  }

  /** Apps that these targets name; all when there is none. Throws E_UNKNOWN_APP. */
  names(targets: readonly string[]): string[] {
    const names = [...this.#apps.keys()];
    return targets.length === 0 ? names : resolveTargets(targets, names);
  }

  select(targets: readonly string[]): App[] {
    return this.names(targets).map((name) => this.#apps.get(name)!);
  }

  start(spec: AppSpec): Operation[] {
    this.mustNotClose();
    this.#needHolder();
    const opening = this.#opening('start', spec.name);
    const known = this.#apps.get(spec.name);
    if (known !== undefined) {
      mustBeFree(known.record);
      // A new start replaces all settings, also what kind of program it is.
      const record = changes.startAgain(known.record, {}, opening);
      this.#operations.announce(opening.operation);
      known.change({ ...record, current: { ...record.current, spec } });
    } else {
      const app = new App(changes.startNew(spec, opening), this.#around);
      this.#apps.set(spec.name, app);
      this.#operations.announce(opening.operation);
      app.change(app.record);
    }
    return [opening.operation];
  }

  operate(request: OperationRequest): Operation[] {
    const apps = this.select(request.targets);
    this.mustNotClose();
    if (request.verb !== 'stop' && request.verb !== 'delete') {
      this.#needHolder();
      for (const app of apps) mustBeFree(app.record);
    }
    const planned = apps.map((app) => {
      const opening = this.#opening(request.verb, app.name);
      return { app, operation: opening.operation, next: recordAfter(app.record, request, opening) };
    });
    return planned.map(({ app, operation, next }) => {
      this.#operations.announce(operation);
      app.change(next);
      return operation;
    });
  }

  /** Rolls every app that runs and is not changing. */
  reloadAll(): void {
    if (!this.#around.holder.alive || this.#closing()) return;
    for (const app of this.#apps.values())
      if (app.record.run && app.record.underWay === null)
        this.operate({ verb: 'reload', targets: [app.name] });
  }

  /** The end of every app, which nothing may refuse. */
  stopAll(): Operation[] {
    return [...this.#apps.values()].map((app) => {
      const opening = this.#opening('stop', app.name);
      app.change(changes.stop(app.record, 'delete', opening));
      return opening.operation;
    });
  }

  signal({ targets, signal }: SignalRequest): number[] {
    return this.select(targets).flatMap((app) =>
      [...app.workers.values()]
        .filter(({ gone, state, pid }) => !gone && pid !== null && isAlive(state))
        .map((worker) => {
          this.#around.signal(worker, signal, false);
          return worker.pid!;
        }),
    );
  }

  /** As it stands now; undefined when there was no such operation, or it is long over. */
  operation(id: string): Operation | undefined {
    for (const app of this.#apps.values()) {
      const { underWay } = app.record;
      if (underWay?.operation.id === id) return { ...underWay.operation, progress: progressOf(app) };
    }
    return this.#operations.ended.find((operation) => operation.id === id);
  }

  #opening(verb: Operation['verb'], app: string): changes.Opening {
    return { operation: this.#operations.begin(verb, app), refused: this.#around.refused() };
  }

  /** Throws E_BUSY while everything is ending. */
  mustNotClose(): void {
    if (this.#closing())
      throw new SkeinError('E_BUSY', { app: 'Skein', verb: 'kill', since: new Date().toISOString() });
  }

  #needHolder(): void {
    const { holder } = this.#around;
    if (!holder.alive) throw new SkeinError('E_HOLDER_GONE', { pid: String(holder.pid) });
  }
}
