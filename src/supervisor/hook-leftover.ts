/** A hook whose supervisor was killed goes on by itself. Before it is run again, it has to end. */
import { setTimeout as delay } from 'node:timers/promises';
import { processExists, signalProcess, wasStartedWith } from '../os/proc.ts';

const LOOK_EVERY_MS = 50;
/** From SIGTERM to SIGKILL, as for a hook that takes too long. */
const KILL_AFTER_MS = 2_000;
/** The kernel may need a moment for a process that writes to a slow disk. */
const GIVE_UP_AFTER_MS = 5_000;

/** `pid`: the shell of that run, whose process group it leads; it may have become another process's. */
export const endLeftover = async (pid: number): Promise<void> => {
  if (wasStartedWith(pid, '\0SKEIN_HOOK=') !== true) return;
  const begun = Date.now();
  let killed = false;
  signalProcess(-pid, 'SIGTERM');
  while (processExists(pid) && Date.now() - begun < GIVE_UP_AFTER_MS) {
    if (!killed && Date.now() - begun >= KILL_AFTER_MS) {
      killed = true;
      signalProcess(-pid, 'SIGKILL');
    }
    await delay(LOOK_EVERY_MS);
  }
  // The shell is gone; what it had started may not be.
  signalProcess(-pid, 'SIGKILL');
};
