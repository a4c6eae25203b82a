// What both servers use. One process: memory. Many machines: SKEIN_STATE=redis://host:6379, and no other change.
import { cache, counter, createState, lock, slidingWindow } from 'skein/state';

export const state = createState({ namespace: 'shop' });

export const visits = counter(state, 'visits');

/** At most 5 requests in a minute from one address. */
export const limiter = slidingWindow(state, 'api', { limit: 5, per: '1m' });

const prices = cache(state, 'prices', { ttl: '1m', stale: '1h' });

/** Looked up once, however many ask in however many workers. */
export const price = (article: string): Promise<number> =>
  prices.get(article, () => 100 + article.length, { tags: ['prices'] });

/** Only one worker at a time takes from the stock. */
export const take = (article: string): Promise<number> =>
  lock(state, `stock-${article}`).run(async () => {
    const left = await state.update<number>(`stock:${article}`, (stock = 10) => Math.max(0, stock - 1));
    return left;
  });
