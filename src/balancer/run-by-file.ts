/** A balancer that goes by a file, for tests and benchmarks. Ends with SIGTERM and SIGINT when it has drained. */
import { readFileSync } from 'node:fs';
import type { Log } from '../core/log.ts';
import type { BalancerSnapshot } from '../protocol/balance.ts';
import type { Balancer } from './app.ts';
import { oneAfterTheOther } from './latest.ts';
import { SnapshotRefused } from './refused.ts';

const DRAIN_MS = 30_000;
const LOOK_MS = 50;

export const runByFile = (file: string, balancer: Balancer, log: Log): void => {
  let first = true;
  const apply = async (): Promise<void> => {
    try {
      // Its types are those of who wrote it.
      await balancer.apply(JSON.parse(readFileSync(file, 'utf8')) as BalancerSnapshot);
    } catch (error) {
      const place = error instanceof SnapshotRefused ? `${error.place}: ` : '';
      log('error', `${file}: ${place}${error instanceof Error ? error.message : String(error)}`);
      if (first) process.exit(1);
      return;
    }
    first = false;
    for (const [address, port] of balancer.ports)
      log('info', `listens on ${address}${address.endsWith(':0') ? ` (port ${port})` : ''}`);
  };
  const again = oneAfterTheOther(apply);
  again(undefined);
  process.on('SIGHUP', () => again(undefined));
  const end = (): void => {
    balancer.drain();
    const until = performance.now() + DRAIN_MS;
    setInterval(() => {
      if (balancer.connections > 0 && performance.now() < until) return;
      void balancer.close().finally(() => process.exit(0));
    }, LOOK_MS);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
};
