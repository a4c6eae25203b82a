/**
 * Keeps one supervisor running: starts the next when one ends, at once the first time and then
 * with growing pauses, so that a supervisor that cannot start does not eat the machine.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { HolderCommand, HolderEvent } from '../protocol/holder.ts';
import type { BoundHandle } from './handles.ts';

export interface SupervisorOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** Where its stdout and stderr go: file descriptors of this process. */
  readonly stdout: number;
  readonly stderr: number;
  /** A new supervisor runs: hand everything over to it. */
  readonly onStart: (supervisor: SupervisorProcess) => void;
  readonly onCommand: (command: HolderCommand) => void;
  readonly onExit: (text: string) => void;
}

/**
 * The pause before the next start, after `early` that ended within `SETTLED_MS`. One that came as
 * far as answering has been killed rather than failed: its successor is there within a second.
 */
export const pauseMs = (early: number, wasReady: boolean): number =>
  early <= 1 ? 0 : Math.min(50 * 2 ** (early - 1), wasReady ? 400 : 5000);

/** A supervisor that lived this long is taken to be sound. */
const SETTLED_MS = 10_000;

export class SupervisorProcess {
  readonly #options: SupervisorOptions;
  #file: string;
  #child: ChildProcess | null = null;
  #early = 0;
  #ended = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#file = options.file;
  }

  get running(): boolean {
    return this.#child !== null;
  }

  start(): void {
    if (this.#ended) return;
    const { args, stdout, stderr, onStart, onCommand, onExit } = this.#options;
    const startedAt = Date.now();
    const child = spawn(process.execPath, [...process.execArgv, this.#file, ...args], {
      // Its own process group: a Ctrl-C that reaches a foreground holder must not reach it.
      detached: true,
      stdio: ['ignore', stdout, stderr, 'ipc'],
    });
    this.#child = child;
    child.on('error', () => {});
    let wasReady = false;
    child.on('message', (message) => {
      const command = message as HolderCommand;
      if (command.verb === 'ready') wasReady = true;
      onCommand(command);
    });
    let over = false;
    const ended = (text: string): void => {
      if (over) return;
      over = true;
      this.#child = null;
      this.#early = Date.now() - startedAt < SETTLED_MS ? this.#early + 1 : 0;
      onExit(text);
      // The first time at once: within a second a killed supervisor has a successor.
      setTimeout(() => this.start(), pauseMs(this.#early, wasReady));
    };
    child.once('exit', (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`));
    if (child.pid === undefined) child.once('error', (error) => ended(error.message));
    else onStart(this);
  }

  /** The next one starts from this file. */
  succeedWith(file: string): void {
    this.#file = file;
  }

  send(event: HolderEvent, handle?: BoundHandle): void {
    if (this.#child?.connected !== true) return;
    this.#child.send(event, handle as never, {}, () => {});
  }

  /** No successor any more. */
  end(): void {
    this.#ended = true;
  }
}
