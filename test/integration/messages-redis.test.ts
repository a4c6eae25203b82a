/** Messages between processes of several machines: what they promise, over a real Redis, and while it is away. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createState } from '../../src/state/create.ts';
import type { State } from '../../src/state/contract.ts';
import { testMessages } from '../support/message-contract.ts';
import { createMembers } from '../support/message-members.ts';
import { startRedis } from '../support/state-servers.ts';
import { until } from '../support/wait.ts';

const redis = await startRedis('--appendfsync', 'no');
const states: State[] = [];
after(async () => {
  await Promise.all(states.map((state) => state.close()));
  await redis.close();
});

/** Each member has connections of its own, as each process has. */
const open = (namespace: string) => (): State => {
  const state = createState({ url: `redis://127.0.0.1:${redis.port}`, namespace });
  states.push(state);
  return state;
};

testMessages({ name: 'redis', open });

test('redis: slots of other machines are apart, and can be named', { timeout: 30_000 }, async () => {
  const members = createMembers(open('machines'));
  const heard: string[] = [];
  for (const node of ['here', 'there']) {
    const { messages } = members.start({ node });
    messages.on('hello', () => heard.push(node));
    messages.answer('where', () => node);
  }
  const { messages } = members.start({ slot: 1 });
  await until('all are known', async () => (await messages.request('where', 1, { to: 'all' })).length === 2);
  await messages.send(0, 'hello');
  await messages.send({ node: 'there', slot: 0 }, 'hello');
  assert.deepEqual(heard, ['here', 'there']);
  assert.equal(await messages.broadcast('hello'), 2);
  const places = await messages.request('where', 1, { to: 'all' });
  assert.deepEqual(places.map(({ from }) => from.node).toSorted(), ['here', 'there']);
  await members.close();
});

test(
  'redis away: messages fail at once with its error, and go again when it is back',
  { timeout: 60_000 },
  async () => {
    const members = createMembers(open('away'));
    const [one, two] = [members.start({ slot: 0 }), members.start({ slot: 1 })];
    const heard: unknown[] = [];
    two.messages.on('n', (value) => heard.push(value));
    two.messages.answer('n', (value) => value);
    await until('they know each other', () => one.messages.send(1, 'n', 0).then(() => true));

    await redis.kill();
    const codes = new Set<string>();
    await until('it is noticed', () =>
      one.messages
        .send(1, 'n', 'lost', { timeout: 300 })
        .catch((error: unknown) => {
          const { code } = error as { code: string };
          codes.add(code);
          return code === 'E_STATE_AWAY';
        })
        .then((away) => away === true),
    );
    for (const code of codes) assert.match(code, /^E_STATE_AWAY$|^E_MESSAGE_TIMEOUT$/);
    await assert.rejects(one.messages.broadcast('n', 'lost'), { code: 'E_STATE_AWAY' });
    await assert.rejects(one.messages.request('n', 'lost'), { code: 'E_STATE_AWAY' });
    // One that never knew the others.
    const three = members.start({ slot: 2 });
    three.messages.on('n', (value) => heard.push(value));
    await assert.rejects(three.messages.send(1, 'n', 'lost'), { code: 'E_STATE_AWAY' });

    await redis.start();
    await until('it works again', () =>
      one.messages.request('n', 'again', { timeout: 500 }).then(
        (answer) => answer === 'again',
        () => false,
      ),
    );
    await until(
      'who began meanwhile has joined',
      async () => (await one.messages.broadcast('n', 'all').catch(() => 0)) === 2,
    );
    await members.close();
  },
);
