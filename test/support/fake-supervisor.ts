/**
 * A supervisor and a holder in the test's own process, for what happens inside a worker: binds with
 * the holder's own code, speaks the workers' protocol, decides nothing by itself.
 *
 *   const skein = await fakeSupervisor();
 *   const worker = await skein.start({ app: `require('http')…` });
 *   worker.send({ type: 'drain', limitMs: 1000 });
 *   await worker.heard('drained');
 *   await skein.close();
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLineDecoder, encodeLine } from '../../src/core/json-lines.ts';
import { entryFile } from '../../src/core/entry-url.ts';
import { Listeners } from '../../src/holder/listeners.ts';
import { OwnSockets } from '../../src/holder/own-sockets.ts';
import type { AcceptMode, ReadyCheck } from '../../src/protocol/app-spec.ts';
import type { BindRequest, OwnSocketRequest, WorkerTag } from '../../src/protocol/holder.ts';
import { HOLDER_CMD } from '../../src/protocol/holder.ts';
import type {
  Boot,
  FromWorker,
  Listening,
  Serving,
  ToWorker,
  WorkerStats,
} from '../../src/protocol/worker.ts';
import { BOOT_VARIABLE } from '../../src/protocol/worker.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';

export interface StartOptions {
  /** Source of the app's main file. */
  readonly app: string;
  /** Extension of that file. */
  readonly as?: 'cjs' | 'mjs' | 'ts' | 'mts';
  /** Workers of one name share sockets. Default: a name of its own. */
  readonly name?: string;
  readonly slot?: number;
  /** As one of several workers: a node:cluster worker. */
  readonly several?: boolean;
  readonly accept?: AcceptMode;
  readonly ready?: ReadyCheck;
  readonly drainTimeoutMs?: number;
  readonly killTimeoutMs?: number;
  readonly hangTimeoutMs?: number | null;
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A balancer is to stand before it. */
  readonly balanced?: boolean;
  /** The app that it is a balancer of. */
  readonly frontOf?: string;
  /** Resolve when the process runs, without waiting for the hello. */
  readonly noHello?: boolean;
}

type Message<T extends FromWorker['type']> = Extract<FromWorker, { type: T }>;

const PATIENCE_MS = 10_000;

export class FakeWorker {
  readonly process: ChildProcess;
  readonly tag: WorkerTag;
  /** Everything it has said, in order. */
  readonly said: FromWorker[] = [];
  readonly exited: Promise<unknown>;
  /** The process has ended and all of its output has been read. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  output = '';
  errors = '';
  readonly #news = new EventEmitter();
  #socket: Socket | null = null;

  constructor(process: ChildProcess, tag: WorkerTag) {
    this.process = process;
    this.tag = tag;
    process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
      this.#news.emit('news');
    });
    process.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.errors += chunk;
    });
    this.exited = once(process, 'exit');
    this.ended = once(process, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as string | null,
    }));
  }

  get pid(): number {
    return this.process.pid!;
  }

  get connected(): boolean {
    return this.#socket !== null;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    socket.once('close', () => {
      if (this.#socket === socket) this.#socket = null;
    });
  }

  hear(message: FromWorker): void {
    this.said.push(message);
    this.#news.emit('news');
  }

  send(message: ToWorker): void {
    this.#socket?.write(encodeLine(message));
  }

  /** Ends the control connection, as a supervisor that dies does. */
  hangUp(): void {
    this.#socket?.destroy();
  }

  /** The first message of this type that fits, also one said before. */
  async heard<T extends FromWorker['type']>(
    type: T,
    fits: (message: Message<T>) => boolean = () => true,
  ): Promise<Message<T>> {
    return this.#until(`a ${type} message`, () =>
      this.said.find(
        (message): message is Message<T> => message.type === type && fits(message as Message<T>),
      ),
    );
  }

  /** Until the app has printed a line that matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(`output ${String(pattern)}`, () => pattern.exec(this.output) ?? undefined);
  }

  /** Its newest statistics, once they fit. */
  async stats(fits: (stats: WorkerStats) => boolean): Promise<WorkerStats> {
    const { stats } = await this.heard('stats', (message) => fits(message.stats));
    return stats;
  }

  /** What it listens on: from its last hello and what it said since. */
  get listening(): readonly Listening[] {
    let known: readonly Listening[] = [];
    for (const message of this.said) {
      if (message.type === 'hello') known = message.listening;
      else if (message.type === 'listening') known = [...known, message.listening];
      else if (message.type === 'closed') known = known.filter(({ key }) => key !== message.key);
    }
    return known;
  }

  get serving(): readonly Serving[] {
    const last = this.said.findLast((message) => message.type === 'hello' || message.type === 'serving');
    return last?.serving ?? [];
  }

  /** The `index`th address, once it listens there. */
  async listens(index = 0): Promise<Listening> {
    return this.#until('listening address', () => this.listening[index]);
  }

  async serves(slots: readonly number[]): Promise<void> {
    const wanted = slots.join();
    await this.#until(
      `sockets of ${wanted}`,
      () => this.serving.map(({ slot }) => slot).join() === wanted || undefined,
    );
  }

  async port(index = 0): Promise<number> {
    return Number((await this.listens(index)).address.split(':').at(-1));
  }

  async #until<T>(what: string, look: () => T | undefined): Promise<T> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      try {
        await once(this.#news, 'news', { signal: patience });
      } catch {
        const types = this.said.map(({ type }) => type).join(' ');
        throw new Error(`worker ${this.tag.id}: no ${what}. It said: ${types}\n${this.output}${this.errors}`);
      }
    }
  }
}

export class FakeSupervisor {
  readonly dir: string;
  readonly listeners: Listeners = new Listeners();
  readonly workers: FakeWorker[] = [];
  #server: Server;
  readonly #ownSockets: OwnSockets;
  readonly #sockets = new Set<Socket>();
  #started = 0;

  constructor(dir: string) {
    this.dir = dir;
    this.#ownSockets = new OwnSockets(join(dir, 'b'));
    this.#server = createServer((socket) => this.#accept(socket));
    process.once('exit', this.#killAll);
    process.once('SIGTERM', this.#breakOff);
  }

  get socketPath(): string {
    return join(this.dir, 'w.sock');
  }

  /** Workers outlive their holder: a test run that is broken off must take them along. */
  readonly #killAll = (): void => {
    for (const { process: child } of this.workers) child.kill('SIGKILL');
  };

  readonly #breakOff = (): void => process.exit(1);

  async listen(): Promise<void> {
    this.#server.listen(this.socketPath);
    await once(this.#server, 'listening');
  }

  async start(options: StartOptions): Promise<FakeWorker> {
    const { app, as = 'cjs', slot = 0, accept = 'shared', several = false } = options;
    const id = `w${this.#started++}`;
    const name = options.name ?? id;
    const file = join(this.dir, `${id}.${as}`);
    writeFileSync(file, app);
    const front = options.frontOf === undefined ? {} : { frontOf: options.frontOf };
    const tag: WorkerTag = { id, app: name, slot, generation: 1, accept, alone: !several, ...front };
    const boot: Boot = {
      protocol: PROTOCOL_VERSION,
      id,
      app: name,
      slot,
      generation: 1,
      socket: this.socketPath,
      stateSocket: join(this.dir, 'state.sock'),
      count: several ? 2 : 1,
      accept,
      balanced: options.balanced === true,
      ready: options.ready ?? { kind: 'listening' },
      drainTimeoutMs: options.drainTimeoutMs ?? 2_000,
      killTimeoutMs: options.killTimeoutMs ?? 2_000,
      hangTimeoutMs: options.hangTimeoutMs ?? null,
    };
    const env = {
      PATH: process.env['PATH'] ?? '',
      ...options.env,
      [BOOT_VARIABLE]: JSON.stringify(boot),
      ...(several ? { NODE_UNIQUE_ID: String(slot + 1) } : {}),
    };
    const args = [...(options.nodeArgs ?? []), '-r', PRELOAD, file, ...(options.args ?? [])];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const worker = new FakeWorker(child, tag);
    this.workers.push(worker);
    child.on('error', () => {});
    child.on('internalMessage', (message: BindRequest | OwnSocketRequest) => {
      if (message.cmd !== HOLDER_CMD) return;
      if (message.verb === 'bind') this.#bind(worker, message);
      else this.#own(worker, message);
    });
    if (options.noHello !== true) await worker.heard('hello');
    return worker;
  }

  /** Gives `to` the socket of another slot. */
  lend(to: FakeWorker, key: string, slot: number): void {
    const handle = this.listeners.handle(to.tag.app, key, slot);
    to.process.send({ cmd: HOLDER_CMD, verb: 'lend', key, slot }, handle as never, {}, () => {});
  }

  /** Is not there, socket and all, while `during` runs. */
  async away(during: () => Promise<void>): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await during();
    this.#server = createServer((socket) => this.#accept(socket));
    await this.listen();
  }

  async close(): Promise<void> {
    for (const { process: child } of this.workers) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      // A grandchild may hold the other ends.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    await Promise.all(this.workers.map((worker) => worker.exited));
    for (const { app, key } of this.listeners.list()) this.listeners.unbind(app, key);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    process.removeListener('exit', this.#killAll);
    process.removeListener('SIGTERM', this.#breakOff);
    rmSync(this.dir, { recursive: true, force: true });
  }

  #bind({ process: child, tag }: FakeWorker, request: BindRequest): void {
    const outcome = this.listeners.bind(tag, request);
    const reply = { cmd: HOLDER_CMD, reply: request.seq };
    if (outcome.ok)
      child.send(
        { ...reply, errno: 0, data: outcome.data, mode: outcome.mode },
        outcome.handle as never,
        {},
        () => {},
      );
    else child.send({ ...reply, errno: outcome.errno, data: null, mode: tag.accept });
  }

  #own({ process: child, tag }: FakeWorker, { seq }: OwnSocketRequest): void {
    const made = this.#ownSockets.make(tag.id);
    const reply = { cmd: HOLDER_CMD, reply: seq, mode: tag.accept };
    if (typeof made === 'number') child.send({ ...reply, errno: made, data: null });
    else {
      const { path, handle } = made;
      child.send({ ...reply, errno: 0, data: { path } }, handle as never, {}, () => handle.close());
    }
  }

  #accept(socket: Socket): void {
    let worker: FakeWorker | undefined;
    this.#sockets.add(socket);
    socket.setEncoding('utf8');
    const decoder = createLineDecoder((value) => {
      const message = value as FromWorker;
      if (message.type === 'hello' || message.type === 'hang') {
        worker = this.workers.find(({ tag }) => tag.id === message.id);
        if (message.type === 'hello') worker?.attach(socket);
      }
      worker?.hear(message);
    });
    socket.on('data', (chunk: string) => decoder.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** The preload that is tested: the source, or what `SKEIN_TEST_PRELOAD` names. */
const PRELOAD = process.env['SKEIN_TEST_PRELOAD'] ?? entryFile('preload');

/** Under a short path: a unix socket's has at most 107 bytes. */
export const fakeSupervisor = async (): Promise<FakeSupervisor> => {
  const supervisor = new FakeSupervisor(mkdtempSync(join(tmpdir(), 'sk-')));
  await supervisor.listen();
  return supervisor;
};

/** For what must not happen: long enough to have seen it. */
export const aWhile = (): Promise<void> => sleep(150);
