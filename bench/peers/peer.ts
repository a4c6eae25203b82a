/**
 * What is compared. A peer runs one of the apps on some workers and is measured from outside;
 * every start has a directory, a port and, where the peer has one, a daemon of its own.
 */
import type { CommandResult } from '../lib/command.ts';

export interface Launch {
  /** File name in apps/. */
  readonly app: string;
  readonly workers: number;
}

/** A worker that accepts connections, by its own word. */
export interface ListeningWorker {
  readonly pid: number;
  readonly thread: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Running {
  readonly port: number;
  /** When the peer's command was run, milliseconds since the epoch. */
  readonly commandAt: number;
  /** How long its start command took; null where there is none that returns. */
  readonly commandMs: number | null;
  /** The workers as they were when all had begun to listen. */
  readonly workers: readonly ListeningWorker[];
  /** The processes beside the workers: daemon, primary, supervisor. */
  readonly overseers: () => Promise<readonly number[]>;
  /** Replaces every worker without a pause; undefined where the peer cannot. */
  readonly reload: (() => Promise<CommandResult>) | undefined;
  /** Starts one more app of `workers` workers under the same overseers. */
  readonly startAnother: ((name: string, launch: Launch) => Promise<void>) | undefined;
  /** The command that lists what runs, as JSON. */
  readonly list: (() => Promise<CommandResult>) | undefined;
  /** Where the output of workers is kept; undefined where it is not. */
  readonly logDirectory?: string;
  readonly stop: () => Promise<void>;
}

export interface Peer {
  readonly name: string;
  readonly start: (launch: Launch) => Promise<Running>;
}
