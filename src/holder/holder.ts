/**
 * The holder: owns the sockets, is the parent of everything, decides nothing. What it can do is
 * the list in `src/protocol/holder.ts`; this file is the table from message to doing.
 */
import { getSystemErrorName } from 'node:util';
import { encodeLine } from '../core/json-lines.ts';
import { homeFrom } from '../os/home.ts';
import type {
  BindRequest,
  ConnectRequest,
  HolderCommand,
  HolderEvent,
  OwnSocket,
  OwnSocketRequest,
  WorkerTag,
} from '../protocol/holder.ts';
import { HOLDER_CMD } from '../protocol/holder.ts';
import type { StatePreface } from '../protocol/state-wire.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { Children } from './children.ts';
import type { BoundHandle } from './handles.ts';
import { Listeners } from './listeners.ts';
import { OwnSockets } from './own-sockets.ts';
import { connectForWorker } from './connect-for-worker.ts';
import { SupervisorProcess } from './supervisor-process.ts';

export interface HolderOptions {
  readonly home: string;
  readonly version: string;
  readonly foreground: boolean;
  readonly supervisorFile: string;
  readonly stdout: number;
  readonly stderr: number;
  /** Values that the command which starts Skein knows, for the first supervisor. */
  readonly kept: Readonly<Record<string, string>>;
  /** The bound sockets of the control API and of the workers. */
  readonly sockets: Readonly<Record<'control' | 'workers', BoundHandle>>;
  readonly log: (text: string) => void;
  readonly onReady: () => void;
  /** A supervisor ended; `text` says how. */
  readonly onSupervisorExit: (text: string) => void;
  readonly onExit: (code: number) => void;
}

export interface Holder {
  start(): void;
  /** Asks the supervisor to stop everything in order. */
  askToEnd(signal: string): void;
}

export const createHolder = (options: HolderOptions): Holder => {
  const startedAt = Date.now();
  const listeners = new Listeners();
  const ownSockets = new OwnSockets(homeFrom(options.home).ownSockets);
  /** A signal that came while there was no supervisor to hear it. */
  let asked: string | null = null;
  /** Never read here, and never written anywhere. */
  let { kept } = options;

  const children = new Children({
    spawned: ({ tag, pid, startedAt: at }, output) => {
      emit({ event: 'spawned', id: tag.id, pid, startedAt: at });
      handOutput(tag.id, output);
    },
    failed: (id, error) =>
      emit({ event: 'spawn-failed', id, code: error.code ?? 'UNKNOWN', message: error.message }),
    exited: (id, exit) => {
      ownSockets.remove(id);
      emit({ event: 'exited', id, exit });
    },
    message: (tag, message) => {
      if (isRequest(message, 'bind')) answerBind(tag, message as BindRequest);
      else if (isRequest(message, 'connect')) answerConnect(tag, message as ConnectRequest);
      else if (isRequest(message, 'own-socket')) answerOwnSocket(tag, message as OwnSocketRequest);
    },
  });

  const supervisor = new SupervisorProcess({
    file: options.supervisorFile,
    args: ['--home', options.home],
    stdout: options.stdout,
    stderr: options.stderr,
    onStart: () => handEverythingOver(),
    onCommand: (command) => obey(command),
    onExit: (text) => {
      options.log(text);
      options.onSupervisorExit(text);
    },
  });

  const emit = (event: HolderEvent, handle?: BoundHandle): void => supervisor.send(event, handle);

  const handOutput = (id: string, output: { out: BoundHandle; err: BoundHandle }): void => {
    emit({ event: 'output', id, stream: 'out' }, output.out);
    emit({ event: 'output', id, stream: 'err' }, output.err);
  };

  const handEverythingOver = (): void => {
    const { home, version, foreground, sockets } = options;
    const list = children.list();
    emit({
      event: 'welcome',
      protocol: PROTOCOL_VERSION,
      pid: process.pid,
      version,
      startedAt,
      home,
      foreground,
      children: list,
      listeners: listeners.list(),
      kept,
      balances: true,
    });
    emit({ event: 'socket', name: 'control' }, sockets.control);
    emit({ event: 'socket', name: 'workers' }, sockets.workers);
    for (const { tag } of list) handOutput(tag.id, children.output(tag.id)!);
    emit({ event: 'handed-over' });
    if (asked !== null) emit({ event: 'asked-to-end', signal: asked });
  };

  const answerBind = (tag: WorkerTag, request: BindRequest): void => {
    const outcome = listeners.bind(tag, request, children.userOf(tag.id));
    const base = { cmd: HOLDER_CMD, reply: request.seq } as const;
    if (!outcome.ok) {
      const { errno, address, heldBy } = outcome;
      children.send(tag.id, { ...base, errno, data: null, mode: tag.accept });
      emit({ event: 'bind-failed', id: tag.id, address, code: getSystemErrorName(errno), heldBy });
      return;
    }
    const { handle, data, mode, changed } = outcome;
    children.send(tag.id, { ...base, errno: 0, data, mode }, handle);
    if (changed !== null) emit({ event: 'bound', listener: changed });
  };

  const answerConnect = (tag: WorkerTag, { seq, to }: ConnectRequest): void => {
    const { workerSocket, stateSocket } = homeFrom(options.home);
    const [path, said] =
      to === 'state'
        ? [stateSocket, encodeLine({ only: tag.app } satisfies StatePreface)]
        : [workerSocket, ''];
    connectForWorker(path, said, (errno, handle) => {
      const reply = { cmd: HOLDER_CMD, reply: seq, errno, data: null, mode: tag.accept };
      children.send(tag.id, reply, handle ?? undefined, () => handle?.close());
    });
  };

  const answerOwnSocket = (tag: WorkerTag, { seq }: OwnSocketRequest): void => {
    const made = ownSockets.make(tag.id);
    const base = { cmd: HOLDER_CMD, reply: seq, mode: tag.accept } as const;
    if (typeof made === 'number') return children.send(tag.id, { ...base, errno: made, data: null });
    const data: OwnSocket = { path: made.path };
    children.send(tag.id, { ...base, errno: 0, data }, made.handle, () => made.handle.close());
  };

  const obey = (command: HolderCommand): void => {
    switch (command.verb) {
      case 'ready':
        return options.onReady();
      case 'spawn':
        return children.spawn(command);
      case 'signal':
        return children.signal(command.id, command.signal, command.group);
      case 'hand-over': {
        const { app, key, slot, to } = command;
        const handle = listeners.handle(app, key, slot);
        if (handle !== undefined) children.send(to, { cmd: HOLDER_CMD, verb: 'lend', key, slot }, handle);
        return;
      }
      case 'unbind':
        return listeners.unbind(command.app, command.key);
      case 'forget':
        return children.forget(command.id);
      case 'keep':
        ({ kept } = command);
        return;
      case 'upgrade':
        return void supervisor.upgrade(command);
      case 'able':
        // Of one that is no candidate.
        return;
      case 'exit':
        supervisor.end();
        children.killAll();
        return options.onExit(command.code);
      default:
        command satisfies never;
        options.log(`unknown command ${JSON.stringify(command)}`);
    }
  };

  return {
    start: () => supervisor.start(),
    askToEnd: (signal) => {
      asked = signal;
      emit({ event: 'asked-to-end', signal });
    },
  };
};

const isRequest = (
  message: unknown,
  wanted: (BindRequest | ConnectRequest | OwnSocketRequest)['verb'],
): boolean => {
  if (typeof message !== 'object' || message === null) return false;
  const { cmd, verb } = message as Partial<BindRequest>;
  return cmd === HOLDER_CMD && verb === wanted;
};
