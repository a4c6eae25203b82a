/** PM2's table of processes, its columns in its order. */
import Table from 'cli-table3';
import type { Pm2Process } from './processes.ts';

/** `10s`, `5m`, `2h`, `3D`: one unit. */
const age = (ms: number): string => {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}D`;
};

/** `63.6mb`, `0b` */
export const memoryText = (bytes: number): string => {
  const units = ['b', 'kb', 'mb', 'gb'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${value}b` : `${value.toFixed(1)}${units[unit] ?? ''}`;
};

export const uptimeText = ({ pid, pm2_env }: Pm2Process, now: number): string =>
  pid === 0 ? '0' : age(Math.max(0, now - pm2_env.pm_uptime));

type Cells = readonly [title: string, cell: (process: Pm2Process, now: number) => string][];

const columns: Cells = [
  ['id', ({ pm_id }) => String(pm_id)],
  ['name', ({ name }) => name],
  ['namespace', ({ pm2_env }) => pm2_env.namespace],
  ['version', ({ pm2_env }) => String(pm2_env['version'])],
  ['mode', ({ pm2_env }) => pm2_env.exec_mode.replace('_mode', '')],
  ['pid', ({ pid }) => String(pid)],
  ['uptime', uptimeText],
  ['↺', ({ pm2_env }) => String(pm2_env.restart_time)],
  ['status', ({ pm2_env }) => pm2_env.status],
  ['cpu', ({ monit }) => `${monit.cpu}%`],
  ['mem', ({ monit }) => memoryText(monit.memory)],
  ['user', ({ pm2_env }) => pm2_env.username],
  ['watching', ({ pm2_env }) => (pm2_env.watch ? 'enabled' : 'disabled')],
];

type Order = (a: Pm2Process, b: Pm2Process) => number;

const byNumber =
  (value: (process: Pm2Process) => number): Order =>
  (a, b) =>
    value(a) - value(b);
const byText =
  (value: (process: Pm2Process) => string): Order =>
  (a, b) =>
    value(a).localeCompare(value(b)) || a.pm_id - b.pm_id;

const orders: Readonly<Record<string, Order>> = {
  id: byNumber(({ pm_id }) => pm_id),
  pid: byNumber(({ pid }) => pid),
  memory: byNumber(({ monit }) => monit.memory),
  cpu: byNumber(({ monit }) => monit.cpu),
  uptime: byNumber(({ pm2_env }) => pm2_env.pm_uptime),
  name: byText(({ name }) => name),
  status: byText(({ pm2_env }) => pm2_env.status),
};

/** `memory:desc`; what is not known sorts by name. */
export const sorted = (processes: readonly Pm2Process[], by: string): Pm2Process[] => {
  const [field = '', direction] = by.split(':');
  const order = orders[field] ?? orders['name']!;
  return [...processes].sort(direction === 'desc' ? (a, b) => -order(a, b) : order);
};

export const processTable = (processes: readonly Pm2Process[], now: number, sort: string): string => {
  const table = new Table({ head: columns.map(([title]) => title), style: { head: [], border: [] } });
  for (const process of sorted(processes, sort)) table.push(columns.map(([, cell]) => cell(process, now)));
  // No line between two rows: scripts take a line for a process.
  const [top = '', head = '', line = '', ...rows] = table.toString().split('\n');
  return [top, head, line, ...rows.filter((row) => !row.startsWith('├'))].join('\n');
};
