/** Links the breakers of all workers that have the same shared state. */
import type { State } from '../state/contract.ts';
import type { Held } from '../state/lock-lease.ts';
import { lock } from '../state/lock.ts';
import type { BreakerLink } from './breaker-link.ts';
import { BreakerTopic, type TopicListener } from './breaker-topic.ts';

/**
 * How long the right to test outlives a worker that dies with it. Renewed thrice in that time, so a
 * worker that is blocked for longer loses it too.
 */
const PROBE_OUTLIVES_MS = 3_000;

interface Right {
  readonly held: Held;
  readonly limit: NodeJS.Timeout;
}

/** One link for each breaker. `state`: a namespace of its own. */
export const createStateLink = (state: State): BreakerLink => {
  const news = state.namespace('news');
  const topics = new Map<string, BreakerTopic>();
  const rights = new Map<string, Right>();
  const ended = new Set<string>();
  const givingBack = new Map<string, Promise<void>>();

  const topic = (name: string, listener?: TopicListener): BreakerTopic => {
    const found = topics.get(name) ?? new BreakerTopic(news, name, listener ?? { news() {}, failure() {} });
    topics.set(name, found);
    return found;
  };

  const giveBack = async (name: string, { held, limit }: Right): Promise<void> => {
    clearTimeout(limit);
    // Who tests next has to find what this test came to.
    await topic(name).settle();
    // One that was lost is given back.
    await held.release().catch(() => {});
  };

  const endProbe = (name: string): void => {
    const right = rights.get(name);
    if (right === undefined) return;
    rights.delete(name);
    const end = giveBack(name, right).finally(() => givingBack.get(name) === end && givingBack.delete(name));
    givingBack.set(name, end);
  };

  return {
    publish: (decision) => topic(decision.name).decide(decision),
    subscribe(name, listener, onFailure) {
      ended.delete(name);
      const heard = topic(name, { news: listener, failure: onFailure });
      void heard.settle();
      return () => {
        ended.add(name);
        endProbe(name);
        topics.delete(name);
        void heard.close();
      };
    },
    async claimProbe(name, leaseMs) {
      await givingBack.get(name);
      const ttl = Math.min(leaseMs, PROBE_OUTLIVES_MS);
      const held = await lock(state, name, { ttl }).tryAcquire();
      if (held === undefined) return false;
      if (ended.has(name)) {
        // Its breaker was closed meanwhile: nobody would give the right back.
        await held.release().catch(() => {});
        return false;
      }
      rights.set(name, { held, limit: setTimeout(() => endProbe(name), leaseMs).unref() });
      try {
        // The test before this one may have been decided an instant ago, and its news be on their way.
        await topic(name).refresh();
        return true;
      } catch (error) {
        endProbe(name);
        throw error;
      }
    },
    endProbe,
  };
};
