/**
 * The supervisor that is to come: started beside the present one, it loads everything, reads the
 * state file, and says `able`. Whatever else it does is a reason to stay with what runs.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { withGivenUmask } from '../os/umask.ts';
import type { HolderCommand } from '../protocol/holder.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';

/** How a supervisor is started. */
export interface Program {
  readonly node: string;
  readonly file: string;
}

export interface LaunchOptions {
  readonly args: readonly string[];
  /** Where its stdout and stderr go: file descriptors of this process. */
  readonly stdout: number;
  readonly stderr: number;
}

export const launchSupervisor = (
  { node, file }: Program,
  { args, stdout, stderr }: LaunchOptions,
): ChildProcess => {
  const child = withGivenUmask(() =>
    spawn(node, [...process.execArgv, file, ...args], {
      // Its own process group: a Ctrl-C that reaches a foreground holder must not reach it.
      detached: true,
      stdio: ['ignore', stdout, stderr, 'ipc'],
    }),
  );
  child.on('error', () => {});
  return child;
};

/** What it may take to load a few dozen files and to parse one. */
const ABLE_WITHIN_MS = 10_000;

/** Settles with null when it is able, else with the reason; then it has been killed. */
export const whenAble = (child: ChildProcess): Promise<string | null> =>
  new Promise((resolve) => {
    const settle = (reason: string | null): void => {
      clearTimeout(timer);
      child.removeListener('message', onMessage);
      child.removeListener('exit', onExit);
      child.removeListener('error', onError);
      if (reason !== null) child.kill('SIGKILL');
      resolve(reason);
    };
    const onError = (error: Error): void => settle(error.message);
    const onExit = (code: number | null, signal: string | null): void =>
      settle(`it ended with ${signal === null ? `exit code ${code}` : `signal ${signal}`}`);
    const onMessage = (message: unknown): void => {
      const said = message as HolderCommand;
      if (said.verb !== 'able') settle(`it said ${JSON.stringify(said.verb)} before it was asked`);
      else if (said.protocol !== PROTOCOL_VERSION)
        settle(`it speaks protocol ${said.protocol}, the holder ${PROTOCOL_VERSION}`);
      else settle(null);
    };
    const timer = setTimeout(
      () => settle(`it said nothing within ${ABLE_WITHIN_MS / 1000} s`),
      ABLE_WITHIN_MS,
    );
    child.once('error', onError);
    child.once('exit', onExit);
    child.once('message', onMessage);
  });
