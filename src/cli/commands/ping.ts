/** `skein ping`: whether the background processes answer, and which they are. */
import { createControlClient } from '../../control/client.ts';
import { formatDuration } from '../../core/duration.ts';
import { formatSize } from '../../core/size.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';

export interface PingOptions {
  readonly json?: boolean;
}

export const run: Run<PingOptions> = async (context, _args, options) => {
  const ping = await createControlClient(context.home).ping();
  if (options.json === true) {
    printJson(context.stdout, ping);
    return 0;
  }
  for (const name of ['holder', 'supervisor'] as const) {
    const info = ping[name];
    const text =
      info === null
        ? 'gone'
        : `pid ${info.pid}, version ${info.version}, up ${formatDuration(info.uptimeMs)}`;
    print(context.stdout, `${name.padEnd(12)}  ${text}`);
  }
  const { stateServer = null } = ping;
  if (stateServer !== null) {
    const { pid, rssBytes, uptimeMs } = stateServer;
    const memory = rssBytes === null ? '' : `, ${formatSize(rssBytes)}`;
    print(context.stdout, `state server  pid ${pid}${memory}, up ${formatDuration(uptimeMs)}`);
  }
  return 0;
};
