/** `skein balance` with one worker: least connections, forwarding headers, active and passive health. */
import { join } from 'node:path';
import { startProxy, type Proxy } from './proxy.ts';

/** `bin` is that of the packed and installed package. Holder and supervisor count too. */
export const skeinBalance = (bin: string): Proxy => ({
  name: 'skein balance',
  start: (launch) => {
    const to = launch.upstreams.flatMap((path) => ['--to', `unix:${path}`]);
    const listen = ['--listen', `127.0.0.1:${launch.port}`, '--instances', '1'];
    const args = [bin, 'balance', ...listen, ...to, '--policy', 'least-connections', '--health', '/'];
    return startProxy(process.execPath, [...args, '--foreground'], {
      ...launch,
      env: { ...launch.env, SKEIN_HOME: join(launch.directory, 'home') },
    });
  },
});
