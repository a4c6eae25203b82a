/** What messages promise, over any engine: several members of one app in this process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { State } from '../../src/state/contract.ts';
import { topic } from '../../src/cluster-api/messages/topic.ts';
import type { Members, TestMember } from './message-members.ts';
import { createMembers } from './message-members.ts';
import { until } from './wait.ts';

interface Engine {
  readonly name: string;
  /** A way to the same state, for one member. */
  readonly open: (test: string) => () => State;
}

const orders = topic<{ n: number }, string>('orders');

/** `n` workers that listen to `orders` and answer it, each with what it heard. */
const workers = async (
  members: Members,
  n: number,
  generation = 1,
): Promise<(TestMember & { heard: number[] })[]> => {
  const started = Array.from({ length: n }, (_, slot) => {
    const heard: number[] = [];
    const member = members.start({ slot, generation });
    member.messages.on(orders, ({ n }) => heard.push(n));
    member.messages.answer(orders, ({ n }) => `${n} by ${slot} of ${generation}`);
    return Object.assign(member, { heard });
  });
  for (const { messages } of started)
    await until('everybody knows everybody', async () => {
      const replies = await messages.request(orders, { n: 0 }, { to: 'all' });
      return replies.filter(({ ok }) => ok).length === n;
    });
  return started;
};

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

export const testMessages = ({ name, open }: Engine): void => {
  const promise = (what: string, use: (members: Members) => Promise<void>): void => {
    test(`${name}: ${what}`, { timeout: 30_000 }, async () => {
      const members = createMembers(open(what.replaceAll(/\W/g, '-').slice(0, 40)));
      try {
        await use(members);
      } finally {
        await members.close();
      }
    });
  };

  promise('a broadcast is heard by all, the sender too unless it does not want to', async (members) => {
    const all = await workers(members, 3);
    const [one] = all;
    assert.equal(await one?.messages.broadcast(orders, { n: 1 }), 3);
    assert.equal(await one?.messages.broadcast(orders, { n: 2 }, { self: false }), 2);
    assert.deepEqual(
      all.map(({ heard }) => heard),
      [[1], [1, 2], [1, 2]],
    );
    assert.equal(await one?.messages.broadcast('nobody listens'), 0);
  });

  promise('a message goes to its slot, and says who sent it', async (members) => {
    const [one, two, three] = await workers(members, 3);
    const from: unknown[] = [];
    three?.messages.on('hello', (value, peer) => from.push([value, peer]));
    await two?.messages.send(2, 'hello', { a: [1, null, 'x'] });
    assert.deepEqual(from, [
      [{ a: [1, null, 'x'] }, { node: 'here', slot: 1, generation: 1, pid: two?.pid }],
    ]);
    await one?.messages.send(2, orders, { n: 7 });
    assert.deepEqual([one?.heard, two?.heard, three?.heard], [[], [], [7]]);
    await one?.messages.send(0, orders, { n: 8 });
    assert.deepEqual(one?.heard, [8], 'also to itself');
  });

  promise('requests take turns, and a slot or all can be asked', async (members) => {
    const [one] = await workers(members, 3);
    const { messages } = one ?? assert.fail();
    const ask = (n: number): Promise<string> => messages.request(orders, { n });
    const answers = await Promise.all(range(0, 9).map(ask));
    for (const slot of [0, 1, 2])
      assert.equal(answers.filter((answer) => answer.includes(`by ${slot}`)).length, 3);
    const sequential = new Set([await ask(1), await ask(1), await ask(1)]);
    assert.equal(sequential.size, 3, 'one after the other too');
    assert.equal(await messages.request(orders, { n: 5 }, { to: 2 }), '5 by 2 of 1');
    const all = await messages.request(orders, { n: 6 }, { to: 'all' });
    assert.deepEqual(
      new Map(all.map((reply) => [reply.from.slot, reply.ok && reply.value])),
      new Map([0, 1, 2].map((slot) => [slot, `6 by ${slot} of 1`])),
    );
  });

  promise('an answer that fails is the error of who asked; to all it is named', async (members) => {
    const [one, two] = await workers(members, 2);
    two?.messages.answer('divide', () => {
      throw Object.assign(new RangeError('by zero'), { code: 'E_MINE' });
    });
    const failed = one?.messages.request('divide', 1);
    await assert.rejects(failed ?? Promise.resolve(), (error: Error & { code: string; cause: unknown }) => {
      assert.equal(error.code, 'E_MESSAGE_FAILED');
      assert.match(error.message, /divide failed in slot 1: by zero/);
      const cause = error.cause as Error & { code: string };
      assert.deepEqual([cause.name, cause.message, cause.code], ['RangeError', 'by zero', 'E_MINE']);
      assert.match(cause.stack ?? '', /message-contract/);
      return true;
    });
    one?.messages.answer('divide', () => 1n);
    const all = await one?.messages.request('divide', 1, { to: 'all' });
    const reasons = all?.map((reply) => (reply.ok ? '' : reply.error.message)).toSorted();
    assert.match(reasons?.[0] ?? '', /slot 0: The value for divide cannot be stored: value is a bigint/);
    assert.match(reasons?.[1] ?? '', /slot 1: by zero/);
  });

  promise('the order of one sender to one receiver is kept, whatever gets lost', async (members) => {
    const [one, two] = await workers(members, 2);
    let count = 0;
    for (const member of [one, two])
      if (member !== undefined)
        member.loses = () => {
          count += 1;
          return count % 3 === 0;
        };
    const sent: Promise<unknown>[] = [];
    for (const n of range(1, 120)) {
      const { messages } = one ?? assert.fail();
      sent.push(
        n % 2 === 0 ? messages.send(1, orders, { n }) : messages.broadcast(orders, { n }, { self: false }),
      );
      if (n % 7 === 0) await new Promise(setImmediate);
    }
    await Promise.all(sent);
    assert.deepEqual(two?.heard, range(1, 120));
  });

  promise('a worker that is killed: what it had goes to its successor, once', async (members) => {
    const [one, two] = await workers(members, 2);
    two?.kill();
    const { messages } = one ?? assert.fail();
    const sent = range(1, 20).map((n) => messages.send(1, orders, { n }));
    const told = messages.broadcast(orders, { n: 20 });
    const asked = messages.request(orders, { n: 21 }, { to: 1 });
    const heard: number[] = [];
    const next = members.start({ slot: 1 });
    next.messages.on(orders, ({ n }) => heard.push(n));
    next.messages.answer(orders, ({ n }) => `${n} by the successor`);
    await Promise.all(sent);
    assert.equal(await told, 2);
    assert.equal(await asked, '21 by the successor');
    assert.deepEqual(heard, range(1, 21));
    assert.deepEqual(two?.heard, []);
  });

  promise('a request to anybody is answered by another when its worker is killed', async (members) => {
    const [one, two, three] = await workers(members, 3);
    let begun = 0;
    for (const member of [two, three])
      member?.messages.answer('slow', () => {
        begun += 1;
        return new Promise(() => {});
      });
    const { messages } = one ?? assert.fail();
    const asked = messages.request('slow', 1);
    await until('it is being answered', () => begun === 1);
    two?.kill();
    three?.kill();
    messages.answer('slow', () => 'mine');
    assert.equal(await asked, 'mine');
  });

  promise('a worker that leaves ends what it has, and refuses what comes then', async (members) => {
    const [one, two] = await workers(members, 2);
    const { messages } = one ?? assert.fail();
    let finish: (() => void) | undefined;
    two?.messages.answer('slow', () => new Promise((resolve) => (finish = () => resolve('done'))));
    const asked = messages.request('slow', 1);
    await until('it works on it', () => finish !== undefined);
    const left = two?.messages.leave();
    const late = range(1, 10).map((n) => messages.send(1, orders, { n }));
    const heard: number[] = [];
    const next = members.start({ slot: 1, generation: 2 });
    next.messages.on(orders, ({ n }) => heard.push(n));
    await Promise.all(late);
    finish?.();
    assert.equal(await asked, 'done');
    await left;
    assert.deepEqual([...(two?.heard ?? []), ...heard], range(1, 10), 'each by one of the two');
    await messages.send(1, orders, { n: 10 });
    assert.equal(heard.at(-1), 10);
  });

  promise('a rollout under messages: each is handled once', async (members) => {
    const [one, two] = await workers(members, 2);
    const { messages } = one ?? assert.fail();
    const heard = new Map<number, number>();
    const hear = ({ n }: { n: number }): void => void heard.set(n, (heard.get(n) ?? 0) + 1);
    let n = 0;
    let stop = false;
    const stream = (async () => {
      while (!stop) {
        n += 1;
        await messages.send(1, orders, { n });
      }
    })();
    let old = two ?? assert.fail();
    const first = old.heard;
    for (const generation of range(2, 6)) {
      const next = members.start({ slot: 1, generation });
      next.messages.on(orders, hear);
      await next.messages.broadcast('joined');
      const before = n;
      await until('messages flow', () => n > before + 20);
      old.messages.setPhase('draining');
      await old.messages.leave();
      old = Object.assign(next, { heard: [] });
    }
    stop = true;
    await stream;
    for (const value of first) hear({ n: value });
    assert.deepEqual(
      [...heard].toSorted(([a], [b]) => a - b),
      range(1, n + 1).map((value) => [value, 1]),
    );
  });

  promise('each way of not arriving has its error', async (members) => {
    const [one, two] = await workers(members, 2);
    const { messages } = one ?? assert.fail();
    const timeout = 120;
    const fails = (sent: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
      assert.rejects(sent, { code, message });
    await fails(
      messages.send(9, orders, { n: 1 }),
      'E_MESSAGE_NO_WORKER',
      /no worker is in slot 9, as the app has 4/,
    );
    await fails(
      messages.send(3, orders, { n: 1 }, { timeout }),
      'E_MESSAGE_NO_WORKER',
      /none came within 120 ms/,
    );
    await fails(
      messages.send({ node: 'there', slot: 0 }, orders, { n: 1 }, { timeout }),
      'E_MESSAGE_NO_WORKER',
      /slot 0 of there/,
    );
    await fails(
      messages.send(1, 'typo', 1, { timeout }),
      'E_MESSAGE_NO_HANDLER',
      /slot 1 did not begin to listen to it/,
    );
    await fails(
      messages.request('typo', 1, { timeout }),
      'E_MESSAGE_NO_HANDLER',
      /nobody began to answer it/,
    );
    two?.messages.answer('slow', () => new Promise(() => {}));
    await fails(
      messages.request('slow', 1, { timeout }),
      'E_MESSAGE_TIMEOUT',
      /slot 1 did not answer slow within 120 ms/,
    );
    two?.kill();
    await fails(
      messages.send(1, orders, { n: 1 }, { timeout: 500 }),
      'E_MESSAGE_LOST',
      /slot 1: the worker died/,
    );
    members.count = 1;
    assert.equal(await messages.broadcast(orders, { n: 2 }), 1, 'who is gone is not waited for');
  });

  promise('a broadcast that one does not take says whom it reached', async (members) => {
    const [one, , three] = await workers(members, 3);
    const { messages } = one ?? assert.fail();
    if (three !== undefined) three.loses = () => true;
    await assert.rejects(messages.broadcast(orders, { n: 1 }, { timeout: 300 }), (error: Error) => {
      assert.match(
        error.message,
        /^orders reached 2 of 3 workers: slot 2 \(slot 2 did not take orders within 300 ms/,
      );
      assert.equal((error.cause as AggregateError).errors.length, 1);
      return true;
    });
  });

  promise('a thread has no slot, and takes part all the same', async (members) => {
    const [one] = await workers(members, 1);
    const { messages } = members.start({ slot: null });
    const heard: unknown[] = [];
    messages.on('news', (value) => heard.push(value));
    messages.answer('sum', () => 42);
    assert.equal(await messages.request(orders, { n: 1 }), '1 by 0 of 1');
    assert.equal(await one?.messages.request('sum', null), 42);
    assert.equal(await one?.messages.broadcast('news', 'x'), 1);
    assert.deepEqual(heard, ['x']);
  });

  promise('undefined can be sent and answered', async (members) => {
    const [one] = await workers(members, 1);
    const { messages } = one ?? assert.fail();
    const heard: unknown[] = [];
    messages.on('ping', (value) => heard.push(value));
    messages.answer('ping', (value) => heard.push(value) && undefined);
    await messages.send(0, 'ping');
    assert.equal(await messages.request('ping'), undefined);
    assert.deepEqual(heard, [undefined, undefined]);
  });

  promise('a great many at once, and great ones', async (members) => {
    const [one, two] = await workers(members, 2);
    const { messages } = one ?? assert.fail();
    await Promise.all(range(1, 5_001).map((n) => messages.send(1, orders, { n })));
    assert.deepEqual(two?.heard, range(1, 5_001));
    const sizes: number[] = [];
    two?.messages.on('text', (value) => sizes.push((value as string).length));
    const great = '"\\'.repeat(60_000);
    await Promise.all(range(0, 20).map(() => messages.send(1, 'text', great)));
    assert.deepEqual(
      sizes,
      Array.from({ length: 20 }, () => great.length),
    );
    await assert.rejects(messages.send(1, 'text', 'x'.repeat(300_000)), { code: 'E_STATE_TOO_LARGE' });
  });
};
