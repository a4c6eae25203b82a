/** A load run: arrivals by schedule, each given to a client of the kind that the mix draws. */
import { createHttp2Sessions } from './clients/http2.ts';
import { createPool } from './clients/keep-alive.ts';
import { sendOneShot } from './clients/one-shot.ts';
import { readSlowly, sendSlowly } from './clients/slow.ts';
import type { Exchange } from './connection.ts';
import type { ClientKind, LoadProfile, Tally } from './profile.ts';
import { createRandom } from './random.ts';
import { echo, hello, large } from './requests.ts';
import { runSchedule } from './schedule.ts';
import { createTallyBook } from './tally.ts';

export interface LoadRun {
  /** Answered rightly so far. */
  readonly answered: number;
  /** No further arrivals; resolves when every request has its outcome. Idempotent. */
  stop(): Promise<Tally>;
}

export const runLoad = (profile: LoadProfile): LoadRun => {
  const random = createRandom(profile.seed);
  const book = createTallyBook();
  const pool = createPool(profile, book, random);
  const sessions = createHttp2Sessions(profile, book, random);

  const plan = (kind: ClientKind, dueAt: number, mayPost = true): Exchange => {
    book.sent(kind);
    if (kind === 'slow-read') return { kind, dueAt, request: large };
    return { kind, dueAt, request: mayPost && random.next() < profile.postShare ? echo(random) : hello };
  };

  const arrive = (dueAt: number): number => {
    const kind = random.pick(profile.mix);
    switch (kind) {
      case 'keep-alive':
        pool.send([plan(kind, dueAt)]);
        return 1;
      case 'pipelined': {
        const depth = random.between(2, 4);
        // Nothing is pipelined behind a request that is not idempotent (RFC 9112, 9.3.2).
        pool.send(Array.from({ length: depth }, (_, nth) => plan(kind, dueAt, nth === depth - 1)));
        return depth;
      }
      case 'one-shot':
        sendOneShot(profile, book, plan(kind, dueAt));
        return 1;
      case 'slow-write':
        sendSlowly(profile, book, random, plan(kind, dueAt));
        return 1;
      case 'slow-read':
        readSlowly(profile, book, random, plan(kind, dueAt));
        return 1;
      case 'http2':
        sessions.send(plan(kind, dueAt));
        return 1;
    }
  };

  const schedule = runSchedule(profile.rate, random, arrive);

  const finish = async (): Promise<Tally> => {
    schedule.stop();
    // Every request has a timeout of its own, so this ends.
    while (book.open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    pool.close();
    sessions.close();
    return book.close();
  };
  let finished: Promise<Tally> | null = null;
  const stop = (): Promise<Tally> => (finished ??= finish());

  setTimeout(() => void stop(), profile.maxMs).unref();
  return {
    get answered() {
      return book.answered;
    },
    stop,
  };
};
