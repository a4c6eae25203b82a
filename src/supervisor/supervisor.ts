/**
 * All apps of one home: routes what the holder and the workers say to them, and carries out what
 * the control API asks. Everything that outlives this process is in the state file, in the holder
 * or in the workers; a new supervisor puts it together again from there.
 */
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { SkeinError } from '../core/errors.ts';
import { newId } from '../core/id.ts';
import type { Home } from '../os/home.ts';
import { machineThreads } from '../os/machine-threads.ts';
import { listenOverflows, signalProcess } from '../os/proc.ts';
import type { AppDetails, AppView, Operation, Ping, Saved } from '../protocol/control.ts';
import type { Exit, HolderEvent } from '../protocol/holder.ts';
import type { App } from './app.ts';
import { Balancing } from './balancing/balancing.ts';
import { noteBindFailure } from './bind-failed.ts';
import { isStop } from './changes.ts';
import { Commands } from './commands.ts';
import type { Events } from './events.ts';
import type { Hook, HookOutcome } from './hook-runner.ts';
import type { HolderClient, RawHandle, Welcome } from './holder-client.ts';
import type { Logs } from './logs/logs.ts';
import { Persistence } from './persistence.ts';
import type { AppRecord, State } from './store.ts';
import type { Surroundings } from './surroundings.ts';
import { StopWaiters } from './stop-waiters.ts';
import { stopStranger } from './strangers.ts';
import { takeOver } from './take-over.ts';
import { Operations } from './operations.ts';
import type { StateServer } from './state-server.ts';
import { appDetails, appView, pingView } from './views.ts';
import { ThreadLoans } from './thread-loans.ts';
import { Undropped } from './undropped.ts';
import { Upkeep } from './upkeep.ts';
import { watchForTheDead, watchWorkers } from './watch.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { createWorkerLink } from './worker-link.ts';

export interface SupervisorOptions {
  readonly home: Home;
  readonly version: string;
  readonly preload: string;
  readonly balancer: string;
  readonly welcome: Welcome;
  readonly holder: HolderClient;
  readonly state: State;
  readonly events: Events;
  readonly logs: Logs;
  readonly stateServer: Pick<StateServer, 'view' | 'drop' | 'end'>;
  /** The control API's server; it is given the holder's socket. */
  readonly listen: (server: Server | 'control', handle: RawHandle) => void;
}

/** Workers that are well say hello within a few milliseconds; the blocked are not waited for longer. */
const HELLO_MS = 500;

export class Supervisor {
  /** What may be asked of it. */
  readonly commands: Commands;
  readonly balancing: Balancing;
  readonly #options: SupervisorOptions;
  readonly #apps = new Map<string, App>();
  readonly #startedAt = Date.now();
  readonly #around: Surroundings;
  readonly #stopWaiters = new StopWaiters();
  readonly #undropped: Undropped;
  readonly #operations: Operations;
  readonly #persistence: Persistence;
  readonly #upkeep: Upkeep;
  readonly #loans: ThreadLoans;
  #waitingForHello = true;
  #nextSlotId: number;
  #lookingAgain = false;
  /** How many hooks run. */
  #hooks = 0;
  #control: RawHandle | null = null;
  #closing: 'no' | 'in-order' | 'now' = 'no';

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#operations = new Operations(options.state.ended, options.events);
    const { home, holder, welcome, events, logs } = options;
    const warn = (text: string): void => events.emit({ kind: 'message', text });
    const threads = machineThreads(process.env);
    if (threads.wrong !== undefined) warn(threads.wrong);
    this.#loans = new ThreadLoans({
      total: threads.threads,
      workers: () => [...this.#apps.values()].flatMap((app) => [...app.workers.values()]),
      now: () => performance.now(),
    });
    this.#persistence = new Persistence({ home, holder, welcome, warn });
    this.#nextSlotId = options.state.nextId ?? 0;
    this.#undropped = new Undropped({
      stateServer: options.stateServer,
      before: options.state.undropped ?? [],
      changed: () => this.#save(),
    });
    this.balancing = new Balancing({
      apps: this.#apps,
      home: home.dir,
      isPossible: welcome.balances === true,
      now: () => Date.now(),
      emit: (event) => events.emit(event),
      changed: () => this.#save(),
      change: (verb, name, next) => this.commands.follow(verb, name, next),
    });
    this.#around = {
      holder,
      balancing: this.balancing,
      places: {
        preload: options.preload,
        balancer: options.balancer,
        socket: home.workerSocket,
        stateSocket: home.stateSocket,
        threads: threads.threads,
      },
      now: () => Date.now(),
      random: () => Math.random(),
      newId,
      newSlotId: () => this.#nextSlotId++,
      refused: listenOverflows,
      emit: (event) => events.emit(event),
      changed: () => {
        this.#save();
        this.#upkeep.follow();
      },
      ended: (operation) => this.#operationEnded(operation),
      removed: (app) => {
        this.#apps.delete(app.name);
        if (this.#closing === 'no') this.#undropped.add(app.name);
        this.#lookAgain();
      },
      spawnFailed: (id, failure) => this.#appOf(id)?.spawnFailed(id, failure),
      standing: (name) => this.balancing.standing(name),
      stopsBefore: (name) => {
        for (const { name: other, record, standing } of this.#apps.values())
          if (isStop(record) && standing === 'stopping')
            if (record.current.spec.dependsOn.some(({ app }) => app === name)) return other;
        return null;
      },
      standingChanged: () => this.#lookAgain(),
      runHook: (hook) => this.#runHook(hook),
      endHook: async (pid) => (await import('./hook-leftover.ts')).endLeftover(pid),
      checkStopped: (app) => this.#stopWaiters.check(app),
      signal: (worker, signal, group) => this.#signal(worker, signal, group),
      checkLogs: (spec) => logs.files.check(spec),
      readOutput: (worker, stream, handle) =>
        logs.read(
          worker,
          stream,
          handle,
          () => (this.#apps.get(worker.tag.app)?.record.current ?? worker).spec.logs,
        ),
    };
    this.commands = new Commands({
      apps: this.#apps,
      around: this.#around,
      operations: this.#operations,
      closing: () => this.#closing !== 'no',
      endsWith: (app) => this.balancing.endsWith(app),
    });
    this.#upkeep = new Upkeep({
      apps: () => this.#apps.values(),
      reload: (app) => void this.commands.operate({ verb: 'reload', targets: [app] }),
      now: () => Date.now(),
      emit: (event) => events.emit(event),
      changed: () => this.#save(),
      home: home.dir,
    });
    takeOver(options.state, options.welcome, this.#around, this.#apps);
    watchWorkers(() => this.#apps.values());
    // An earlier supervisor was killed while it was ending everything.
    if (options.state.closing === options.welcome.startedAt) this.#closing = 'in-order';
  }

  holderEvent(event: HolderEvent, handle: RawHandle | undefined): void {
    switch (event.event) {
      case 'welcome':
      // Those of an upgrade are upgrade.ts's.
      case 'step-down':
      case 'upgrade-failed':
        return;
      case 'socket':
        // Who asks is answered when the workers have been heard: until then it waits in the queue.
        if (event.name === 'control') this.#control = handle!;
        else this.#options.listen(this.#workerLink(), handle!);
        return;
      case 'handed-over':
        this.#waitForHellos();
        return;
      case 'output':
        this.#appOf(event.id)?.output(event.id, event.stream, handle!);
        return;
      case 'spawned':
        this.#appOf(event.id)?.spawned(event.id, event.pid, event.startedAt);
        return;
      case 'spawn-failed':
        this.#appOf(event.id)?.spawnFailed(event.id, { kind: 'spawn', reason: event.message });
        return;
      case 'exited':
        this.#exited(event.id, event.exit);
        return;
      case 'bound':
        this.#apps.get(event.listener.app)?.sockets.bound(event.listener);
        this.balancing.follow();
        return;
      case 'bind-failed': {
        const worker = this.#appOf(event.id)?.workers.get(event.id);
        const news = worker === undefined ? null : noteBindFailure(worker, event);
        if (news !== null) this.#around.emit(news);
        return;
      }
      case 'asked-to-end':
        if (this.#closing === 'no') this.shutdown();
        else this.#endNow();
        return;
    }
  }

  holderGone(): void {
    if (this.#closing !== 'no') process.exit(0);
    const { pid } = this.#options.holder;
    this.#around.emit({
      kind: 'holder-gone',
      pid,
      text: `the holder (pid ${pid}) is gone; workers keep serving, but none can be started. \`skein kill\`, then start again`,
    });
    const error = new SkeinError('E_HOLDER_GONE', { pid: String(pid) }).toData();
    for (const app of this.#apps.values()) if (app.record.underWay !== null) app.abandon(error);
    // Nobody reaps the workers for us any more.
    watchForTheDead(() => this.#apps.values());
  }

  #signal({ tag, pid, gone }: WorkerHandle, signal: string, group: boolean): void {
    const { holder } = this.#options;
    if (holder.alive) holder.send({ verb: 'signal', id: tag.id, signal, group });
    else if (pid !== null && !(gone && !group)) signalProcess(group ? -pid : pid, signal);
  }

  ping(): Ping {
    return pingView(this.#options, this.#startedAt, Date.now());
  }

  list(targets: readonly string[]): AppView[] {
    return this.commands.shown(targets).map((app) => appView(app, Date.now()));
  }

  describe(targets: readonly string[]): AppDetails[] {
    const { logs, events } = this.#options;
    const now = Date.now();
    return this.commands.select(targets).map((app) => {
      const recent = events.since(0, app.name).slice(-20);
      return appDetails(app, now, logs.paths(app.record.current.spec), recent);
    });
  }

  /** Settles when an app has come to rest, with how its last worker ended. */
  async stopped(name: string): Promise<number | null> {
    const [app] = this.commands.select([name]);
    return app === undefined ? null : this.#stopWaiters.wait(app);
  }

  /** Stops all apps in order, then everything. */
  shutdown(): Operation[] {
    this.#closing = 'in-order';
    const operations = this.commands.stopAll();
    // The answer to who asked goes out first.
    setImmediate(() => this.#endWhenEmpty());
    return operations;
  }

  #exited(id: string, exit: Exit): void {
    const app = this.#appOf(id);
    if (app === undefined) this.#options.holder.send({ verb: 'forget', id });
    else app.exited(id, exit);
    this.#loans.look();
  }

  /** One that is ended with its app may take a moment; nothing of Skein's outlives Skein. */
  async #runHook(hook: Hook): Promise<HookOutcome> {
    this.#hooks += 1;
    try {
      return await (await import('./hook-runner.ts')).runHook(hook);
    } finally {
      this.#hooks -= 1;
      this.#endWhenEmpty();
    }
  }

  #endWhenEmpty(): void {
    if (this.#closing === 'no' || this.#apps.size > 0 || this.#hooks > 0) return;
    this.#options.stateServer.end();
    if (!this.#options.holder.alive) {
      const { controlSocket, workerSocket, holderPid } = this.#options.home;
      for (const file of [controlSocket, workerSocket, holderPid]) rmSync(file, { force: true });
      process.exit(0);
    }
    this.#options.holder.send({ verb: 'exit', code: 0 });
  }

  #endNow(): void {
    this.#closing = 'now';
    for (const app of this.#apps.values())
      for (const worker of app.workers.values()) this.#signal(worker, 'SIGKILL', true);
  }

  #operationEnded(operation: Operation): void {
    this.#operations.end(operation);
    this.balancing.ended(operation);
    const managed = this.#apps.get(operation.app);
    if (managed !== undefined) this.#stopWaiters.check(managed);
    // The state file no longer has the app; then the home is empty and may be left.
    queueMicrotask(() => this.#endWhenEmpty());
  }

  /** Some app has come, gone, or stands otherwise: who waits for one looks whether it still must. */
  #lookAgain(): void {
    if (this.#lookingAgain) return;
    this.#lookingAgain = true;
    queueMicrotask(() => {
      this.#lookingAgain = false;
      for (const app of [...this.#apps.values()]) if (app.waitingFor !== null) app.reconcile();
    });
  }

  #appOf(id: string): App | undefined {
    for (const app of this.#apps.values()) if (app.workers.has(id)) return app;
    return undefined;
  }

  /** Writes the saved list now. Throws what the file system says. */
  saveList(): Saved {
    return this.#persistence.saveList(this.#records());
  }

  #records(): AppRecord[] {
    return [...this.#apps.values()].map(({ saved }) => saved);
  }

  #save(): void {
    const state = {
      apps: this.#records(),
      ended: this.#operations.ended,
      nextId: this.#nextSlotId,
      undropped: this.#undropped.names,
    };
    this.#persistence.save(state, this.#closing !== 'no');
  }

  #workerLink(): Server {
    return createWorkerLink({
      find: (id) => this.#appOf(id)?.workers.get(id),
      heard: (worker, message) => {
        this.#apps.get(worker.tag.app)?.heard(worker, message);
        this.#loans.heard(worker, message);
        if (message.type === 'balancer') this.balancing.heard(worker, message.said);
        if (message.type === 'hello') this.balancing.greet(worker);
        if (message.type === 'hello' && this.#waitingForHello) this.#resumeIfAllSpoke();
      },
      stranger: (pid) => stopStranger(pid, this.#options.home.workerSocket, this.#around.emit),
    });
  }

  #waitForHellos(): void {
    const { welcome } = this.#options;
    this.#around.emit({
      kind: 'supervisor-started',
      pid: process.pid,
      text: `the supervisor runs, ${welcome.children.length} workers found`,
    });
    // Their last output has been handed over by now.
    for (const { tag, exit } of welcome.children) if (exit !== null) this.#exited(tag.id, exit);
    setTimeout(() => this.#resume(), HELLO_MS).unref();
    this.#resumeIfAllSpoke();
  }

  #resumeIfAllSpoke(): void {
    const workers = [...this.#apps.values()].flatMap((app) => [...app.workers.values()]);
    if (workers.every(({ connected, gone, spec }) => connected || gone || spec.kind === 'program'))
      this.#resume();
  }

  #resume(): void {
    if (!this.#waitingForHello) return;
    this.#waitingForHello = false;
    for (const app of this.#apps.values()) app.resume();
    this.#upkeep.begin();
    this.balancing.begin();
    this.#undropped.resume((app) => this.#apps.has(app));
    if (this.#control !== null) this.#options.listen('control', this.#control);
    this.#options.holder.send({ verb: 'ready' });
    this.#endWhenEmpty();
  }
}
