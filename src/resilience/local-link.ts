/** Links breakers inside one process: for tests, and for several breakers that guard one dependency. */
import type { BreakerLink, BreakerNews } from './breaker-link.ts';
import { outranks } from './breaker-state.ts';

interface Topic {
  last: { readonly news: BreakerNews; readonly at: number } | undefined;
  probe: { readonly owner: BreakerLink; readonly until: number } | undefined;
  readonly listeners: Map<(news: BreakerNews) => void, BreakerLink>;
}

export interface LocalBreakerHub {
  /** One link for each breaker, as each worker has one. */
  readonly link: () => BreakerLink;
}

/** `clock`: milliseconds that only go up. */
export const createLocalBreakerHub = (clock: () => number = () => performance.now()): LocalBreakerHub => {
  const topics = new Map<string, Topic>();
  const topic = (name: string): Topic => {
    const found = topics.get(name) ?? { last: undefined, probe: undefined, listeners: new Map() };
    topics.set(name, found);
    return found;
  };
  const link = (): BreakerLink => {
    const own: BreakerLink = {
      publish: (news) => {
        const about = topic(news.name);
        if (about.last === undefined || outranks(news, about.last.news)) about.last = { news, at: clock() };
        for (const [listener, owner] of about.listeners)
          // Never in the same turn, as it would be between processes.
          if (owner !== own) queueMicrotask(() => about.listeners.has(listener) && listener(news));
      },
      subscribe: (name, listener) => {
        const { listeners, last } = topic(name);
        listeners.set(listener, own);
        if (last !== undefined) {
          const openForMs = Math.max(0, last.news.openForMs - (clock() - last.at));
          queueMicrotask(() => listeners.has(listener) && listener({ ...last.news, openForMs }));
        }
        return () => void listeners.delete(listener);
      },
      claimProbe: async (name, leaseMs) => {
        const about = topic(name);
        const now = clock();
        if (about.probe !== undefined && about.probe.owner !== own && now < about.probe.until) return false;
        about.probe = { owner: own, until: now + leaseMs };
        return true;
      },
      endProbe: (name) => {
        const about = topic(name);
        if (about.probe?.owner === own) about.probe = undefined;
      },
    };
    return own;
  };
  return { link };
};
