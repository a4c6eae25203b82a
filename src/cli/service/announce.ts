/** `skein run` as a service of type `notify`: ready when its app is, and alive as long as the supervisor answers. */
import type { ControlClient } from '../../control/client.ts';
import type { Context } from '../context.ts';
import { print } from '../context.ts';
import type { Foreground } from '../foreground.ts';
import { beat } from './heartbeat.ts';
import { createNotifier } from './notify.ts';
import { tellReady } from './ready.ts';

/** Ends with the holder. Does nothing when nobody listens. */
export const announce = async (
  context: Context,
  { home, holder, ended }: Foreground,
  client: ControlClient,
): Promise<void> => {
  const warn = (text: string): void => print(context.stderr, `skein: ${text}`);
  const notifier = createNotifier(context.env, warn);
  if (!notifier.active) return;
  const over = new AbortController();
  const { signal } = over;
  void ended.then(() => over.abort());
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => void notifier.tell('STOPPING=1', 'STATUS=the app drains and stops'));
  const isReady = (apps: readonly { readonly state: string }[]): boolean =>
    apps.length > 0 && apps.every(({ state }) => state === 'running');
  await tellReady({ client, notifier, signal, isReady });
  await beat({ home, holderPid: holder.pid!, notifier, warn, signal });
};
