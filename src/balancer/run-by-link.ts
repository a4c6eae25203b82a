/** A balancer that Skein runs: goes by the supervisor's snapshots, and drains when it is told to. */
import type { Log } from '../core/log.ts';
import type { AppLink, BalancerLink } from '../protocol/app-link.ts';
import type { BalancerSnapshot } from '../protocol/balance.ts';
import type { Balancer } from './app.ts';
import { oneAfterTheOther } from './latest.ts';
import { SnapshotRefused } from './refused.ts';

export const runByLink = (
  link: AppLink,
  { onSnapshot, say, onEndIdle }: BalancerLink,
  balancer: Balancer,
  log: Log,
): void => {
  // Until it listens nothing else may keep this process.
  const hold = setInterval(() => {}, 2 ** 30);
  let ready = false;
  const apply = async (snapshot: BalancerSnapshot): Promise<void> => {
    const { revision } = snapshot;
    try {
      await balancer.apply(snapshot);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const place = error instanceof SnapshotRefused ? error.place : 'balancer';
      log('error', `${place}: ${reason}`, { revision });
      return say({ say: 'refused', revision, place, reason });
    }
    say({ say: 'applied', revision });
    if (ready) return;
    ready = true;
    link.ready();
  };
  onSnapshot(oneAfterTheOther(apply));
  link.onShutdown(() => {
    clearInterval(hold);
    balancer.drain();
  }, 'draining');
  onEndIdle(() => balancer.endIdle());
  link.onShutdown(() => balancer.close(), 'drained');
};
