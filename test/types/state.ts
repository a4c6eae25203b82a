/** The types of `skein/state` as a user meets them; compiled by `npm run types`, never run. */
import type { createClient, createCluster, createSentinel } from 'redis';
import {
  cache,
  createState,
  type elect,
  type ErrorCode,
  type Frozen,
  lock,
  type RedisClientLike,
  replica,
  slidingWindow,
  type SkeinError,
  type State,
  type StateChange,
  type StateEntry,
  topic,
} from '../../src/entry/state.ts';
import { same } from './same.ts';

interface Cart {
  readonly items: readonly { readonly id: number; readonly note?: string }[];
  readonly owner: string | null;
}

export const values = async (state: State): Promise<void> => {
  const cart = await state.get<Cart>('cart');
  same<typeof cart, Cart | undefined>(true);
  same<Awaited<ReturnType<typeof state.get>>, unknown>(true);
  const entry = await state.getEntry<Cart>('cart', { stale: '30s' });
  same<typeof entry, StateEntry<Cart> | undefined>(true);

  // An interface needs no index signature, what is unknown is looked at when it is stored.
  const stored: Cart = { items: [], owner: null };
  same<Awaited<ReturnType<typeof state.set>>, number>(true);
  await state.set('cart', stored, { ttl: '30d' });
  await state.set<unknown>('cart', stored, { ttl: 'keep' });
  const updated = await state.update<Cart>('cart', (current = stored) => ({ ...current, owner: 'ada' }));
  same<typeof updated, Cart>(true);
  const version = await state.compareAndSet('n', null, 5);
  same<typeof version, number | undefined>(true);

  const off = await state.subscribe<Cart>({ prefix: 'cart:' }, (change) => {
    same<typeof change, StateChange<Cart>>(true);
    if (change.type === 'set') same<typeof change.value, Cart>(true);
  });
  await off();

  const orders = topic<{ id: number }>(state, 'orders');
  await orders.publish({ id: 1 });
  await orders.subscribe(({ id }) => same<typeof id, number>(true));

  const page = await cache(state, 'pages', { ttl: '1m' }).get('home', async () => ({ html: '' }));
  same<typeof page, { html: string }>(true);
  const result = await lock(state, 'lock').run(({ token }) => token);
  same<typeof result, number>(true);
  same<ReturnType<typeof elect>['isLeader'], boolean>(true);
  const { allowed } = await slidingWindow(state, 'api', { limit: 1, per: 1000 }).take('key');
  same<typeof allowed, boolean>(true);

  const carts = await replica<Cart>(state, { prefix: 'cart:' }, { maxEntries: 1000, refresh: '1m' });
  const local = carts.get('cart:1');
  same<typeof local, Frozen<Cart> | undefined>(true);
  same<Frozen<{ list: { n: number }[] }>, { readonly list: readonly { readonly n: number }[] }>(true);
  const anything = (await replica(state, { keys: ['a'] })).get('a');
  same<typeof anything, unknown>(true);
  carts.onChange((key, value) => {
    same<typeof key, string>(true);
    same<typeof value, Frozen<Cart> | undefined>(true);
  })();

  const code: ErrorCode = 'E_STATE_IN_DOUBT';
  same<SkeinError['code'], ErrorCode>(true);
  void code;
};

export const clients = (
  one: ReturnType<typeof createClient>,
  many: ReturnType<typeof createCluster>,
  guarded: ReturnType<typeof createSentinel>,
): readonly RedisClientLike[] => {
  createState({ client: one, namespace: 'shop', timeout: '1s', maxMemory: '64M' });
  return [one, many, guarded];
};

export const mistakes = (state: State): void => {
  // @ts-expect-error a Date would come back as text
  void state.set('key', new Date());
  // @ts-expect-error also inside of something
  void state.set('key', { at: [new Date()] });
  // @ts-expect-error a function cannot be stored
  void state.set('key', { run: () => 1 });
  // @ts-expect-error a Map would come back empty
  void state.set('key', new Map());
  // @ts-expect-error nor can a bigint
  void state.set('key', 1n);
  // @ts-expect-error an update returns the value
  void state.update<number>('key', () => {});
  // @ts-expect-error what is said on a topic has its type
  void topic<{ id: number }>(state, 'orders').publish({ id: 'one' });
  // @ts-expect-error a duration has a unit
  void state.set('key', 1, { ttl: 'soon' });
  // @ts-expect-error keys are strings
  void state.get(5);
  // @ts-expect-error by is a number
  void state.increment('n', '1');
  // @ts-expect-error a replica holds a prefix or keys
  void replica(state, 'cart:');
  void replica<{ list: number[] }>(state, { prefix: '' }).then((all) =>
    // @ts-expect-error what all readers share cannot be changed
    all.get('key')?.list.push(1),
  );
  // @ts-expect-error a limiter needs a limit
  slidingWindow(state, 'api', { per: '1m' });
  // @ts-expect-error something else is no client
  createState({ client: {} });
  // @ts-expect-error an option that does not exist
  createState({ redis: 'redis://localhost' });
};
