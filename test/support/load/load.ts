/** Starts a load run in a child process. The other side is child.ts. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromLoad, ToLoad } from './child.ts';
import { loadProfile } from './profile.ts';
import type { LoadProfile, Tally } from './profile.ts';

export interface Load {
  /** Resolves after so many more right answers. Rejects when they do not come in ten seconds. */
  answered(more: number): Promise<void>;
  /** Ends the run when every request has its outcome. */
  stop(): Promise<Tally>;
}

const patienceMs = 10_000;

/** Begins at once. Fields of `profile` that are not given have the defaults of `loadProfile`. */
export const startLoad = async (profile: Partial<LoadProfile>): Promise<Load> => {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const send = (message: ToLoad): void => void child.send(message);
  let count = 0;
  let tally: Tally | null = null;
  child.on('message', (message: FromLoad) => {
    if (message.say === 'answered') count = message.count;
    else tally = message.tally;
  });
  // Its exit may be known before its last message has been read; the end of the channel comes after that.
  const over = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
  await once(child, 'spawn');
  send({ do: 'start', profile: loadProfile(profile) });
  return {
    async answered(more) {
      const wanted = count + more;
      const deadline = AbortSignal.timeout(patienceMs);
      while (count < wanted) {
        if (child.exitCode !== null) throw new Error(`the load process ended (exit code ${child.exitCode})`);
        await once(child, 'message', { signal: deadline });
      }
    },
    async stop() {
      if (child.connected) send({ do: 'stop' });
      await over;
      if (tally === null) throw new Error('the load process ended without a tally');
      return tally;
    },
  };
};
