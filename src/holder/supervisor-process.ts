/**
 * Keeps one supervisor running: starts the next when one ends, at once the first time and then
 * with growing pauses, so that a supervisor that cannot start does not eat the machine. For an
 * upgrade the next one runs already when the present one steps down.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HolderCommand, HolderEvent } from '../protocol/holder.ts';
import type { LaunchOptions, Program } from './candidate.ts';
import { launchSupervisor, whenAble } from './candidate.ts';
import type { BoundHandle } from './handles.ts';

export interface SupervisorOptions extends LaunchOptions {
  readonly file: string;
  /** A new supervisor runs: hand everything over to it. */
  readonly onStart: () => void;
  readonly onCommand: (command: HolderCommand) => void;
  /** One has ended, or something else is to be told; `text` says how and what. */
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

/** To save and to exit, which it does at once. */
const STEP_DOWN_WITHIN_MS = 5_000;

interface Next {
  readonly child: ChildProcess;
  readonly program: Program;
}

export class SupervisorProcess {
  readonly #options: SupervisorOptions;
  #program: Program;
  /** What to go back to when an upgraded one does not live. */
  #proven: Program | null = null;
  #child: ChildProcess | null = null;
  /** Able, and waiting for the present one to step down. */
  #next: Next | null = null;
  #upgrading = false;
  #early = 0;
  #ended = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#program = { node: process.execPath, file: options.file };
  }

  start(): void {
    if (this.#ended) return;
    const next = this.#takeNext();
    if (next !== null) {
      this.#proven = this.#program;
      this.#program = next.program;
    }
    this.#attend(next?.child ?? launchSupervisor(this.#program, this.#options));
  }

  /**
   * Starts `program` beside the present supervisor and lets it take over when it is able.
   * `upgrade-failed` is told if it is not.
   */
  async upgrade(program: Program): Promise<void> {
    const present = this.#child;
    if (this.#upgrading || present === null) {
      this.send({ event: 'upgrade-failed', reason: 'another upgrade is under way' });
      return;
    }
    this.#upgrading = true;
    const { args } = this.#options;
    const child = launchSupervisor(program, { ...this.#options, args: [...args, '--candidate'] });
    const reason = await whenAble(child);
    this.#upgrading = false;
    if (this.#child !== present || this.#ended) {
      // Who asked is gone. The next one was started from the file that is known to work.
      child.kill('SIGKILL');
      return;
    }
    if (reason !== null) {
      this.#options.onExit(`the upgrade to ${program.file} failed: ${reason}`);
      this.send({ event: 'upgrade-failed', reason });
      return;
    }
    this.#next = { child, program };
    this.send({ event: 'step-down' });
    // It is safe at any moment: what counts is in the state file, here, and in the workers.
    setTimeout(() => present.kill('SIGKILL'), STEP_DOWN_WITHIN_MS).unref();
  }

  #takeNext(): Next | null {
    const next = this.#next;
    this.#next = null;
    return next === null || next.child.exitCode !== null || next.child.signalCode !== null ? null : next;
  }

  #attend(child: ChildProcess): void {
    const { onStart, onCommand } = this.#options;
    const startedAt = Date.now();
    this.#child = child;
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
      const isEarly = this.#next === null && Date.now() - startedAt < SETTLED_MS;
      this.#early = isEarly ? this.#early + 1 : 0;
      if (isEarly) this.#goBack(text);
      else this.#proven = null;
      this.#options.onExit(`supervisor ended with ${text}`);
      // The first time at once: within a second a killed supervisor has a successor.
      setTimeout(() => this.start(), pauseMs(this.#early, wasReady));
    };
    child.once('exit', (code, signal) => ended(signal === null ? `exit code ${code}` : `signal ${signal}`));
    if (child.pid === undefined) child.once('error', (error) => ended(error.message));
    else onStart();
  }

  /** An upgraded one that ends soon: the one before it is started again, where it is still there. */
  #goBack(text: string): void {
    const proven = this.#proven;
    this.#proven = null;
    if (proven === null || !existsSync(proven.file) || !existsSync(proven.node)) return;
    this.#options.onExit(
      `${this.#program.file} ended with ${text} soon after an upgrade: back to ${proven.file}`,
    );
    this.#program = proven;
  }

  send(event: HolderEvent, handle?: BoundHandle): void {
    if (this.#child?.connected !== true) return;
    this.#child.send(event, handle as never, {}, () => {});
  }

  /** No successor any more. */
  end(): void {
    this.#ended = true;
    this.#takeNext()?.child.kill('SIGKILL');
  }
}
