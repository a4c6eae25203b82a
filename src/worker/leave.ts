/**
 * When the app itself wants to leave: `process.disconnect()` and `cluster.worker`'s `disconnect()`,
 * `kill()` and `destroy()`. In a cluster these end the worker; here it drains first. With one worker
 * there is no cluster, and `process.disconnect()` only lets go of the parent.
 */
import cluster from 'node:cluster';

export interface LeaveOptions {
  /** Drains, lets go of everything that keeps the process alive, then calls back. */
  readonly drain: (done: () => void) => void;
  /** Whether Node calls `process.disconnect` because the holder has died. */
  readonly isHolderGone: () => boolean;
}

export const takeDisconnect = ({ drain, isHolderGone }: LeaveOptions): void => {
  const worker = cluster.worker;
  let leaving = false;

  const leave = (): void => {
    if (leaving) return;
    leaving = true;
    if (worker !== undefined) worker.exitedAfterDisconnect = true;
    drain(() => {
      setConnected(false);
      worker?.emit('disconnect');
      process.emit('disconnect');
      process.exit();
    });
  };

  process.disconnect = () => {
    if (isHolderGone()) return;
    if (worker !== undefined) return leave();
    if (!process.connected) return;
    setConnected(false);
    process.nextTick(() => process.emit('disconnect'));
  };

  if (worker === undefined) return;
  worker.disconnect = () => {
    leave();
    return worker;
  };
  worker.kill = leave;
  worker.destroy = leave;
};

const setConnected = (connected: boolean): void => {
  (process as { connected: boolean }).connected = connected;
};
