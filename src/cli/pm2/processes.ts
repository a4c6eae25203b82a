/** Skein's workers as PM2 tells of its processes: one for each slot, with PM2's names of things. Pure. */
import type { AppDetails, WorkerStateName, WorkerView } from '../../protocol/control.ts';

export type Pm2Status = 'online' | 'launching' | 'stopping' | 'stopped' | 'errored' | 'waiting restart';

/** The part of PM2's process description that scripts read. */
export interface Pm2Process {
  readonly pid: number;
  readonly name: string;
  readonly pm2_env: Readonly<Record<string, unknown>> & {
    readonly status: Pm2Status;
    readonly namespace: string;
    readonly restart_time: number;
    readonly pm_uptime: number;
    readonly exec_mode: 'fork_mode' | 'cluster_mode';
    readonly pm_exec_path: string;
    readonly pm_cwd: string;
    readonly pm_out_log_path: string;
    readonly pm_err_log_path: string;
    readonly username: string;
    readonly watch: boolean;
  };
  readonly pm_id: number;
  /** Bytes, and percent of one core. */
  readonly monit: { readonly memory: number; readonly cpu: number };
}

const statusOf: Readonly<Record<WorkerStateName, Pm2Status>> = {
  starting: 'launching',
  ready: 'online',
  draining: 'stopping',
  stopping: 'stopping',
  stopped: 'stopped',
  'backing-off': 'waiting restart',
  failed: 'errored',
};

/** `api.out-<slot>.log` of slot 1 as `api.out-1.log`, where each worker has its own. */
const logOf = (path: string, slot: number): string => path.replace('<slot>', String(slot));

const emptySlot = (slot: number, id: number): WorkerView => ({
  id,
  slot,
  pid: null,
  state: 'stopped',
  generation: 0,
  uptimeMs: null,
  restarts: 0,
  cpu: null,
  rssBytes: null,
  pssBytes: null,
  utilisation: null,
  connections: null,
  requestsPerSecond: null,
  lastExit: null,
  health: null,
});

/**
 * PM2 has one process for each slot at any time: during a rollout the newer of its workers stands
 * for it, and in a stopped app nobody does.
 */
const onePerSlot = ({ ids, workers }: AppDetails): readonly WorkerView[] => {
  const bySlot = new Map(ids.map((id, slot) => [slot, emptySlot(slot, id)]));
  for (const worker of workers) {
    const before = bySlot.get(worker.slot);
    if (before === undefined || before.generation <= worker.generation) bySlot.set(worker.slot, worker);
  }
  return [...bySlot.values()];
};

export interface Surroundings {
  readonly now: number;
  /** Who runs Skein. */
  readonly user: string;
  /** Of the Node that runs Skein, and apps that name no other: `24.11.0`. */
  readonly nodeVersion: string;
  readonly nodePath: string;
}

const processOf = (app: AppDetails, worker: WorkerView, around: Surroundings): Pm2Process => {
  const { spec } = app;
  const { logs, restart } = spec;
  const startedAt = worker.uptimeMs === null ? 0 : around.now - worker.uptimeMs;
  const status = app.state === 'failed' && worker.pid === null ? 'errored' : statusOf[worker.state];
  return {
    pid: worker.pid ?? 0,
    name: app.name,
    pm2_env: {
      name: app.name,
      namespace: spec.namespace ?? 'default',
      status,
      pm_id: worker.id,
      NODE_APP_INSTANCE: worker.slot,
      instances: spec.instances,
      exec_mode: spec.kind === 'node' && spec.instances > 1 ? 'cluster_mode' : 'fork_mode',
      restart_time: worker.restarts,
      unstable_restarts: 0,
      pm_uptime: startedAt,
      created_at: startedAt,
      pm_exec_path: spec.script,
      pm_cwd: spec.cwd,
      args: spec.args,
      exec_interpreter:
        spec.kind === 'node' && spec.interpreter === around.nodePath ? 'node' : (spec.interpreter ?? 'none'),
      node_args: spec.nodeArgs,
      node_version: spec.kind === 'node' && spec.interpreter === around.nodePath ? around.nodeVersion : 'N/A',
      version: 'N/A',
      pm_out_log_path: logOf(app.logs.out, worker.slot),
      pm_err_log_path: logOf(app.logs.err, worker.slot),
      ...(logs.combined !== null && { pm_log_path: logs.combined }),
      merge_logs: !logs.perWorker,
      ...(logs.timestamp !== null && { log_date_format: logs.timestamp }),
      autorestart: restart.auto,
      autostart: true,
      watch: spec.watch !== null,
      treekill: true,
      vizion: false,
      pmx: false,
      automation: false,
      km_link: false,
      kill_timeout: spec.killTimeoutMs,
      wait_ready: spec.ready.kind === 'message',
      listen_timeout: spec.readyTimeoutMs,
      instance_var: spec.instanceVar,
      ...(spec.incrementVar !== null && { increment_var: spec.incrementVar }),
      ...(spec.maxMemoryBytes !== null && { max_memory_restart: spec.maxMemoryBytes }),
      ...(spec.cron !== null && { cron_restart: spec.cron.expression }),
      ...(restart.maxRestarts !== null && { max_restarts: restart.maxRestarts }),
      ...(restart.delayMs > 0 && { restart_delay: restart.delayMs }),
      ...(restart.stopExitCodes.length > 0 && { stop_exit_codes: restart.stopExitCodes }),
      username: spec.runAs?.user ?? around.user,
      // Values are not told: `env <id>` is there for who wants them.
      env: {},
      axm_actions: [],
      axm_monitor: {},
      axm_options: {},
      axm_dynamic: {},
    },
    pm_id: worker.id,
    monit: { memory: worker.rssBytes ?? 0, cpu: Math.round((worker.cpu ?? 0) * 1000) / 10 },
  };
};

/** In the order of their ids. */
export const processesOf = (apps: readonly AppDetails[], around: Surroundings): Pm2Process[] =>
  apps
    .flatMap((app) => onePerSlot(app).map((worker) => processOf(app, worker, around)))
    .sort((a, b) => a.pm_id - b.pm_id);
