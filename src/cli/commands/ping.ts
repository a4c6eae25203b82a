/** `skein ping`: whether the background processes answer, and which they are. */
import { createControlClient } from '../../control/client.ts';
import { formatDuration } from '../../core/duration.ts';
import { formatSize } from '../../core/size.ts';
import type { Ping, ProcessInfo, StateServerInfo } from '../../protocol/control.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface PingOptions {
  readonly json?: boolean;
}

const aboutProcess = (info: ProcessInfo | null): string =>
  info === null ? 'gone' : `pid ${info.pid}, version ${info.version}, up ${formatDuration(info.uptimeMs)}`;

const aboutStateServer = ({ pid, rssBytes, uptimeMs }: StateServerInfo): string =>
  `pid ${pid}, up ${formatDuration(uptimeMs)}${rssBytes === null ? '' : `, ${formatSize(rssBytes)}`}`;

const linesOf = ({ holder, supervisor, stateServer = null }: Ping): (readonly [string, string])[] => [
  ['holder', aboutProcess(holder)],
  ['supervisor', aboutProcess(supervisor)],
  ...(stateServer === null ? [] : ([['state server', aboutStateServer(stateServer)]] as const)),
];

export const run: Run<PingOptions> = async (context, _args, options) => {
  const ping = await createControlClient(context.home).ping();
  if (options.json === true) {
    printJson(context.stdout, ping);
    return 0;
  }
  const lines = linesOf(ping);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, text] of lines) print(context.stdout, `${name.padEnd(width)}  ${text}`);
  return 0;
};
