/**
 * The workers, as processes: started, signalled, and their end remembered until the supervisor has
 * dealt with it. The reading ends of their output are never read here; a copy goes to each
 * supervisor, so that an app that logs meets no EPIPE while there is none.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { signalProcess } from '../os/proc.ts';
import { withGivenUmask } from '../os/umask.ts';
import type { RunAs } from '../protocol/app-spec.ts';
import type { ChildInfo, Exit, HolderCommand, WorkerTag } from '../protocol/holder.ts';
import type { BoundHandle } from './handles.ts';

interface Child {
  readonly tag: WorkerTag;
  readonly process: ChildProcess;
  readonly pid: number;
  readonly startedAt: number;
  readonly output: { readonly out: BoundHandle; readonly err: BoundHandle };
  readonly runAs: RunAs | null;
  exit: Exit | null;
}

type Spawn = Extract<HolderCommand, { verb: 'spawn' }>;

export interface ChildListener {
  spawned(child: ChildInfo, output: Child['output']): void;
  failed(id: string, error: NodeJS.ErrnoException): void;
  exited(id: string, exit: Exit): void;
  /** An internal message of a worker over its IPC channel. */
  message(tag: WorkerTag, message: unknown): void;
}

type RawPipe = BoundHandle & { reading: boolean; readStop(): number };

/**
 * Takes the pipe out of the stream that child_process made around it. The stream has begun to
 * read; nothing has been read yet, because the event loop has not turned since. Left inside, the
 * stream would be drained at the exit of the child, and the last output would end here.
 */
const takePipe = (stream: Socket): BoundHandle => {
  const inside = stream as unknown as { _handle: RawPipe | null };
  const pipe = inside._handle!;
  pipe.reading = false;
  pipe.readStop();
  inside._handle = null;
  return pipe;
};

export class Children {
  readonly #byId = new Map<string, Child>();
  readonly #listener: ChildListener;

  constructor(listener: ChildListener) {
    this.#listener = listener;
  }

  list(): ChildInfo[] {
    return [...this.#byId.values()].map(infoOf);
  }

  output(id: string): Child['output'] | undefined {
    return this.#byId.get(id)?.output;
  }

  /** The user that a worker has become; null: our own. */
  userOf(id: string): RunAs | null {
    return this.#byId.get(id)?.runAs ?? null;
  }

  spawn({ tag, file, args, cwd, env, ipc, runAs }: Spawn): void {
    let child: ChildProcess;
    try {
      child = withGivenUmask(() =>
        spawn(file, args, {
          cwd,
          env,
          // A session and process group of its own: one signal reaches all of its descendants, and
          // a Ctrl-C at a terminal reaches none of them.
          detached: true,
          stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
        }),
      );
    } catch (error) {
      this.#listener.failed(tag.id, error as NodeJS.ErrnoException);
      return;
    }
    if (child.pid === undefined) {
      child.once('error', (error) => this.#listener.failed(tag.id, error));
      return;
    }
    const record: Child = {
      tag,
      process: child,
      pid: child.pid,
      startedAt: Date.now(),
      output: { out: takePipe(child.stdout as Socket), err: takePipe(child.stderr as Socket) },
      runAs: runAs ?? null,
      exit: null,
    };
    this.#byId.set(tag.id, record);
    // A channel that breaks is a dying worker; its exit says the rest.
    child.on('error', () => {});
    child.on('internalMessage', (message: unknown) => this.#listener.message(tag, message));
    child.once('exit', (code, signal) => {
      record.exit = { code, signal };
      this.#listener.exited(tag.id, record.exit);
    });
    this.#listener.spawned(infoOf(record), record.output);
  }

  /** To one process or to its whole group; a process that is gone is not an error. */
  signal(id: string, signal: string, group: boolean): void {
    const child = this.#byId.get(id);
    if (child === undefined || (child.exit !== null && !group)) return;
    signalProcess(group && process.platform !== 'win32' ? -child.pid : child.pid, signal);
  }

  /**
   * Sends an internal message, with a handle, to a worker. `sent` is called when the handle has left
   * this process, or never will.
   */
  send(id: string, message: object, handle?: BoundHandle, sent: () => void = () => {}): void {
    const child = this.#byId.get(id);
    if (child === undefined || child.exit !== null || !child.process.connected) return sent();
    child.process.send(message, handle as never, {}, sent);
  }

  /** Whoever is left, with its descendants: without the holder nobody would reap or stop them. */
  killAll(): void {
    for (const [id, { exit }] of this.#byId) if (exit === null) this.signal(id, 'SIGKILL', true);
  }

  forget(id: string): void {
    const child = this.#byId.get(id);
    if (child === undefined || child.exit === null) return;
    child.output.out.close();
    child.output.err.close();
    this.#byId.delete(id);
  }
}

const infoOf = ({ tag, pid, startedAt, exit }: Child): ChildInfo => ({ tag, pid, startedAt, exit });
