/** What the user wrote about how an app is to run, checked: only what was written is in the result. */
import { isAbsolute, resolve } from 'node:path';
import { statSync } from 'node:fs';
import { SkeinError } from '../core/errors.ts';
import type { AcceptMode, RestartPolicy } from '../protocol/app-spec.ts';
import type { SpecPatch } from '../protocol/control.ts';
import { inheritedEnv } from './environment.ts';
import { resolveInstances } from './instances.ts';
import { findInterpreter } from './interpreter.ts';
import {
  readCountLimit,
  readDuration,
  readDurationLimit,
  readDurationOrZero,
  readExitCodes,
  readOneOf,
  readReady,
  readSignal,
  readSizeLimit,
  readVariables,
} from './values.ts';
import { splitWords } from './words.ts';

/** The text of each setting that was given. Keys are those commander makes of the flags. */
export interface WrittenSettings {
  readonly instances?: string;
  readonly accept?: string;
  readonly ready?: string;
  readonly readyTimeout?: string;
  readonly cwd?: string;
  readonly nodeArgs?: string;
  readonly interpreter?: string;
  readonly stopSignal?: string;
  readonly drainTimeout?: string;
  readonly killTimeout?: string;
  readonly maxMemory?: string;
  readonly hangTimeout?: string;
  readonly maxRestarts?: string;
  readonly stopExitCodes?: string;
  readonly autorestart?: boolean;
  readonly env?: readonly string[];
  /** Take over the whole present environment. */
  readonly updateEnv?: boolean;
}

export interface SettingsContext {
  /** Where relative paths start. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cpus: number;
}

const acceptModes: readonly AcceptMode[] = ['per-worker', 'shared'];

const readCwd = (text: string, base: string): string => {
  const cwd = isAbsolute(text) ? text : resolve(base, text);
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new SkeinError('E_BAD_CWD', { cwd });
  return cwd;
};

const readRestart = (written: WrittenSettings): Partial<RestartPolicy> => ({
  ...(written.autorestart !== undefined && { auto: written.autorestart }),
  ...(written.maxRestarts !== undefined && {
    maxRestarts: readCountLimit('--max-restarts', written.maxRestarts),
  }),
  ...(written.stopExitCodes !== undefined && {
    stopExitCodes: readExitCodes('--stop-exit-codes', written.stopExitCodes),
  }),
});

/**
 * @throws SkeinError E_BAD_VALUE, E_BAD_SIGNAL, E_BAD_CWD, E_NO_INTERPRETER: the first thing that is wrong
 */
export const readSettings = (written: WrittenSettings, context: SettingsContext): SpecPatch => {
  const restart = readRestart(written);
  return {
    ...(written.instances !== undefined && {
      instances: resolveInstances(written.instances, { cpus: context.cpus, current: null }),
    }),
    ...(written.accept !== undefined && { accept: readOneOf('--accept', written.accept, acceptModes) }),
    ...(written.ready !== undefined && { ready: readReady('--ready', written.ready) }),
    ...(written.readyTimeout !== undefined && {
      readyTimeoutMs: readDuration('--ready-timeout', written.readyTimeout),
    }),
    ...(written.cwd !== undefined && { cwd: readCwd(written.cwd, context.cwd) }),
    ...(written.nodeArgs !== undefined && { nodeArgs: splitWords(written.nodeArgs) }),
    ...(written.interpreter !== undefined && { interpreter: findInterpreter(written.interpreter, context) }),
    ...(written.stopSignal !== undefined && { stopSignal: readSignal(written.stopSignal) }),
    ...(written.drainTimeout !== undefined && {
      drainTimeoutMs: readDurationOrZero('--drain-timeout', written.drainTimeout),
    }),
    ...(written.killTimeout !== undefined && {
      killTimeoutMs: readDurationOrZero('--kill-timeout', written.killTimeout),
    }),
    ...(written.maxMemory !== undefined && {
      maxMemoryBytes: readSizeLimit('--max-memory', written.maxMemory),
    }),
    ...(written.hangTimeout !== undefined && {
      hangTimeoutMs: readDurationLimit('--hang-timeout', written.hangTimeout),
    }),
    ...(Object.keys(restart).length > 0 && { restart }),
    ...(written.updateEnv === true && { shellEnv: inheritedEnv(context.env) }),
    ...(written.env !== undefined && { setEnv: readVariables('--env', written.env) }),
  };
};
