/** One connection of this process to each store, however many states use it. */
import { Channel } from './channel.ts';
import type { Dial } from './dial.ts';

interface Shared {
  readonly channel: Channel;
  users: number;
}

const channels = new Map<string, Shared>();

/** `server` says where `dial` leads. The channel is closed when its last user has released it. */
export const shareChannel = ({
  dial,
  server,
  store,
  timeoutMs,
}: {
  readonly dial: Dial;
  readonly server: string;
  readonly store: string;
  readonly timeoutMs: number;
}): { readonly channel: Channel; readonly release: () => Promise<void> } => {
  const id = `${server}\n${store}`;
  const shared = channels.get(id) ?? { channel: new Channel({ dial, store, timeoutMs }), users: 0 };
  channels.set(id, shared);
  shared.users += 1;
  return {
    channel: shared.channel,
    async release() {
      shared.users -= 1;
      if (shared.users > 0) return;
      channels.delete(id);
      await shared.channel.close();
    },
  };
};
