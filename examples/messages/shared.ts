// What both servers use. Alone it talks to itself, under Skein to all workers; no change for either.
import { answer, broadcast, on, request, topic, worker } from 'skein';

/** A text that every worker keeps in a variable of its own, and hears of when it changes. */
const banner = topic<string>('banner');
let text = 'welcome';
on(banner, (next) => {
  text = next;
});
export const currentBanner = (): string => text;
export const setBanner = (next: string): Promise<number> => broadcast(banner, next);

/** A number that each worker has for itself, asked of all of them. */
const served = topic<void, number>('served');
let requests = 0;
answer(served, () => requests);
export const countRequest = (): void => {
  requests += 1;
};
export const requestsByWorker = async (): Promise<Record<string, number | string>> => {
  const replies = await request(served, undefined, { to: 'all', timeout: '2s' });
  return Object.fromEntries(
    replies.map((reply) => [`slot ${reply.from.slot}`, reply.ok ? reply.value : reply.error.message]),
  );
};

/** A chat room lives in one worker, so that what is said in it has one order; any worker can reach it. */
const say = topic<{ room: string; words: string }, readonly string[]>('say');
const rooms = new Map<string, string[]>();
answer(say, ({ room, words }) => {
  const lines = rooms.get(room) ?? [];
  rooms.set(room, [...lines, words].slice(-20));
  return rooms.get(room) ?? [];
});
const slotOf = (room: string): number => {
  let hash = 0;
  for (const letter of room) hash = (hash * 31 + letter.codePointAt(0)!) % 1_000_003;
  return hash % worker.count;
};
export const sayIn = (room: string, words: string): Promise<readonly string[]> =>
  request(say, { room, words }, { to: slotOf(room) });
