/** A worker that is to end finishes the tasks that its pools have taken, whoever asked for them. */
import { appLink } from '../protocol/app-link.ts';

interface Closing {
  readonly close: () => Promise<void>;
}

const pools = new Set<Closing>();

// Hooks that were added first run last: this one, added when the app imports the pool, after the
// app's own, which may still have something to compute.
appLink()?.onShutdown(async () => {
  await Promise.all([...pools].map((pool) => pool.close()));
});

/** Until what is returned is called. */
export const closeAtEnd = (pool: Closing): (() => void) => {
  pools.add(pool);
  return () => void pools.delete(pool);
};
