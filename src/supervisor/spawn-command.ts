/** From an app's spec to the command line and environment of one of its workers. Pure. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { HolderCommand, WorkerTag } from '../protocol/holder.ts';
import type { Boot } from '../protocol/worker.ts';
import { BOOT_VARIABLE } from '../protocol/worker.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { appEnv } from './app-env.ts';

type Spawn = Extract<HolderCommand, { verb: 'spawn' }>;

export interface Places {
  /** The preload's file. */
  readonly preload: string;
  /** The script of every balancer. */
  readonly balancer: string;
  /** The workers' control socket. */
  readonly socket: string;
  /** The state server's socket. */
  readonly stateSocket: string;
  /** Threads of the machine that are lent to workers. */
  readonly threads: number;
}

/** PORT=3000 for slot 0, 3001 for slot 1, …; a value that is no number stays. */
const incremented = ({ env, shellEnv, incrementVar }: AppSpec, slot: number): Record<string, string> => {
  if (incrementVar === null) return {};
  const first = env[incrementVar] ?? shellEnv[incrementVar] ?? '';
  return /^\d+$/.test(first) ? { [incrementVar]: String(Number(first) + slot) } : {};
};

export const spawnCommand = (spec: AppSpec, tag: WorkerTag, places: Places): Spawn => {
  const base = { verb: 'spawn', tag, cwd: spec.cwd } as const;
  const env = {
    ...appEnv(spec, places.stateSocket),
    ...incremented(spec, tag.slot),
    [spec.instanceVar]: String(tag.slot),
    SKEIN_SLOT: String(tag.slot),
    SKEIN_GENERATION: String(tag.generation),
  };
  if (spec.kind === 'program') {
    const [file, args] =
      spec.interpreter === null ? [spec.script, []] : [spec.interpreter, [...spec.nodeArgs, spec.script]];
    return { ...base, file, args: [...args, ...spec.args], env, ipc: false };
  }
  const boot: Boot = {
    protocol: PROTOCOL_VERSION,
    id: tag.id,
    app: spec.name,
    slot: tag.slot,
    generation: tag.generation,
    socket: places.socket,
    stateSocket: places.stateSocket,
    count: spec.instances,
    threads: places.threads,
    accept: spec.accept,
    ...(spec.balance !== null && { balanced: true }),
    ready: spec.ready,
    drainTimeoutMs: spec.drainTimeoutMs,
    killTimeoutMs: spec.killTimeoutMs,
    hangTimeoutMs: spec.hangTimeoutMs,
  };
  return {
    ...base,
    file: spec.interpreter ?? process.execPath,
    // `-r` runs before the app and, unlike `--import`, leaves the way its main module is loaded as it is.
    args: [
      ...spec.nodeArgs,
      '-r',
      places.preload,
      spec.balancer === null ? spec.script : places.balancer,
      ...spec.args,
    ],
    env: {
      ...env,
      [BOOT_VARIABLE]: JSON.stringify(boot),
      // What makes node:cluster take its worker branch. Alone, a worker stays a primary, so that
      // an app which forks its own cluster works unmodified.
      ...(tag.alone ? {} : { NODE_UNIQUE_ID: String(tag.slot + 1) }),
    },
    ipc: true,
  };
};
