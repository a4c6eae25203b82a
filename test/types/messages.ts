/** The types of messages as a user meets them; compiled by `npm run types`, never run. */
import { answer, broadcast, on, type Peer, type Reply, request, send, topic } from '../../src/entry/skein.ts';
import { same } from './same.ts';

interface Order {
  readonly id: number;
}
const orders = topic<Order, { total: number }>('orders');
const news = topic<string>('news');
const flush = topic<void>('flush');
const count = topic<void, number>('count');

export const messages = async (order: Order): Promise<void> => {
  const off = on(orders, (value, from) => {
    same<typeof value, Order>(true);
    same<typeof from, Peer>(true);
  });
  off();
  answer(orders, async ({ id }) => ({ total: id }));
  answer(count, () => 5);
  on('text', (value) => same<typeof value, unknown>(true));

  const heard = await broadcast(orders, order);
  same<typeof heard, number>(true);
  await broadcast(flush);
  await broadcast(flush, undefined, { self: false });
  await broadcast('text', { anything: [1] }, { timeout: '1s' });
  await send(2, orders, order);
  await send({ node: 'web-2', slot: 0 }, news, 'hello', { timeout: 100 });
  await send(1, flush);

  const reply = await request(orders, order);
  same<typeof reply, { total: number }>(true);
  const n = await request(count);
  same<typeof n, number>(true);
  const all = await request(orders, order, { to: 'all', timeout: '2s' });
  same<typeof all, readonly Reply<{ total: number }>[]>(true);
  const counts = await request(count, undefined, { to: 'all' });
  same<typeof counts, readonly Reply<number>[]>(true);
  for (const one of all)
    if (one.ok) same<typeof one.value, { total: number }>(true);
    else same<typeof one.error, Error>(true);
  const untyped = await request('text', 1);
  same<typeof untyped, unknown>(true);
};

export const mistakes = (): void => {
  // @ts-expect-error another type than the topic's
  void broadcast(orders, { id: 'one' });
  // @ts-expect-error the value is missing
  void send(1, orders);
  // @ts-expect-error a topic without a value takes none
  void broadcast(flush, 5);
  // @ts-expect-error a Date would come as text
  void send(1, topic<Date>('at'), new Date());
  // @ts-expect-error nor does a Map arrive
  void broadcast(topic<Map<string, number>>('map'), new Map());
  // @ts-expect-error the answer has the topic's type
  answer(orders, () => ({ total: 'much' }));
  // @ts-expect-error an answer is plain data
  answer(topic<void, Date>('now'), () => new Date());
  // @ts-expect-error a slot is a number
  void send('1', news, 'hello');
  // @ts-expect-error a duration has a unit
  void request(orders, { id: 1 }, { timeout: 'soon' });
  // @ts-expect-error there is no such option
  void broadcast(news, 'hello', { to: 1 });
  // @ts-expect-error a handler takes the topic's type
  on(orders, (value: string) => value);
};
