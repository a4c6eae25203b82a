// What both servers use. Alone: in memory. Under `skein start -i 4`: shared by the workers. On many machines:
// SKEIN_STATE=redis://host:6379, and no other change.
import { cache, counter, createState, lock, replica, slidingWindow } from 'skein/state';

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

/** Read in every request, so each worker has its own copy, which follows what any of them writes. */
const settings = await replica<string>(state, { prefix: 'setting:' });

export const motd = (): string | null => settings.get('setting:motd') ?? null;

export const setMotd = (text: string): Promise<number> => state.set('setting:motd', text);
