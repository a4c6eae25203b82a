/** What `describe` tells of each process, by PM2's names. */
import Table from 'cli-table3';
import type { Pm2Process } from './processes.ts';
import { uptimeText } from './table.ts';

const text = (value: unknown): string => {
  if (value === undefined || value === null || value === '') return 'N/A';
  if (Array.isArray(value)) return value.length === 0 ? 'N/A' : value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const factsOf = (process: Pm2Process, now: number): readonly (readonly [string, unknown])[] => {
  const { pm2_env: env } = process;
  return [
    ['status', env.status],
    ['name', process.name],
    ['namespace', env.namespace],
    ['version', env['version']],
    ['restarts', env.restart_time],
    ['uptime', uptimeText(process, now)],
    ['script path', env.pm_exec_path],
    ['script args', env['args']],
    ['error log path', env.pm_err_log_path],
    ['out log path', env.pm_out_log_path],
    ['pid', process.pid],
    ['interpreter', env['exec_interpreter']],
    ['interpreter args', env['node_args']],
    ['script id', process.pm_id],
    ['exec cwd', env.pm_cwd],
    ['exec mode', env.exec_mode],
    ['node.js version', env['node_version']],
    ['watch & reload', env.watch ? '✔' : '✘'],
    ['unstable restarts', env['unstable_restarts']],
    ['created at', env.pm_uptime === 0 ? undefined : new Date(env.pm_uptime).toISOString()],
  ];
};

export const describeProcess = (process: Pm2Process, now: number): string => {
  const table = new Table({ style: { head: [], border: [] } });
  for (const [name, value] of factsOf(process, now)) table.push([name, text(value)]);
  const rows = table
    .toString()
    .split('\n')
    .filter((row) => !row.startsWith('├'));
  return [`Process ${process.pm_id}, ${process.name}`, ...rows].join('\n');
};
