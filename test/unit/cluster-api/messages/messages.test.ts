import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryEngine } from '../../../../src/state/engines/memory/engine.ts';
import type { State } from '../../../../src/state/contract.ts';
import { createStateOver } from '../../../../src/state/state.ts';
import { testMessages } from '../../../support/message-contract.ts';
import type { Members, TestMember } from '../../../support/message-members.ts';
import { createMembers } from '../../../support/message-members.ts';
import { until } from '../../../support/wait.ts';

const open = (): (() => State) => {
  const engine = createMemoryEngine({ maxBytes: 64 * 1024 * 1024 });
  const state = createStateOver(engine, { prefix: 'test:', maxValueBytes: 1024 * 1024 });
  return () => state;
};

testMessages({ name: 'memory', open });

const alone = async (use: (member: TestMember, members: Members) => Promise<void>): Promise<void> => {
  const members = createMembers(open());
  try {
    await use(members.start(), members);
  } finally {
    await members.close();
  }
};

test('nonsense is refused by its name, and sends nothing', () =>
  alone(async ({ messages }) => {
    const heard: unknown[] = [];
    messages.on('t', (value) => heard.push(value));
    for (const topic of ['', 'x'.repeat(257), '\uD800', 5, null, undefined, {}, { name: 7 }]) {
      const bad = { code: 'E_BAD_VALUE', message: /^topic: / };
      await assert.rejects(messages.broadcast(topic as string), bad);
      await assert.rejects(messages.send(0, topic as string), bad);
      await assert.rejects(messages.request(topic as string), bad);
      assert.throws(() => messages.on(topic as string, () => {}), bad);
      assert.throws(() => messages.answer(topic as string, () => {}), bad);
    }
    for (const slot of [-1, 1.5, NaN, '0', null, undefined, {}])
      await assert.rejects(messages.send(slot as number, 't'), { code: 'E_BAD_VALUE' });
    await assert.rejects(messages.send({ node: 5, slot: 0 } as never, 't'), { message: /^node: 5/ });
    for (const timeout of [0, -1, NaN, 'soon', '1 year', null])
      await assert.rejects(messages.broadcast('t', 1, { timeout: timeout as number }), {
        message: /^timeout: /,
      });
    for (const handler of [undefined, null, 'x', {}])
      assert.throws(() => messages.on('t', handler as never), { message: /^handler: / });
    for (const [value, place] of [
      [{ a: [new Date()] }, /value\.a\[0\] is an instance of Date/],
      [() => {}, /value is a function/],
      [NaN, /value is NaN/],
    ] as const)
      await assert.rejects(messages.broadcast('t', value), { code: 'E_STATE_VALUE', message: place });
    assert.equal(await messages.broadcast('t', 'sound'), 1);
    assert.deepEqual(heard, ['sound']);
  }));

test('a topic is answered once, and again when the first answer is off', () =>
  alone(async ({ messages }) => {
    const off = messages.answer('t', () => 1);
    assert.throws(() => messages.answer('t', () => 2), { code: 'E_MESSAGE_ANSWERED' });
    off();
    const second = messages.answer('t', () => 2);
    off();
    assert.equal(await messages.request('t'), 2, 'taking off twice does nothing');
    second();
    await assert.rejects(messages.request('t', 1, { timeout: 100 }), { code: 'E_MESSAGE_NO_HANDLER' });
  }));

test('handlers that throw disturb nobody, and are told of', () =>
  alone(async ({ messages }) => {
    const failures: string[] = [];
    const heard: unknown[] = [];
    messages.onMessageError(({ topic, error, from }) =>
      failures.push(`${topic} ${String(error)} ${from.slot}`),
    );
    messages.on('t', () => {
      throw new Error('at once');
    });
    messages.on('t', async () => {
      throw new Error('later');
    });
    messages.on('t', (value) => heard.push(value));
    const off = messages.on('t', () => assert.fail('it is off'));
    off();
    assert.equal(await messages.broadcast('t', 1), 1);
    assert.deepEqual(heard, [1]);
    assert.deepEqual(failures, ['t Error: at once 0', 't Error: later 0']);
  }));

test('one who is told of failures and fails too disturbs nobody', (t) =>
  alone(async ({ messages }) => {
    const lines: string[] = [];
    t.mock.method(process.stderr, 'write', (line: string) => lines.push(line) > 0);
    messages.onMessageError(() => Promise.reject(new Error('later too')));
    messages.on('t', () => {
      throw new Error('at once');
    });
    await messages.broadcast('t', 1);
    await until('it is written', () => lines.some((line) => line.includes('later too')));
  }));

test('each handler gets a value of its own, as it was when it was sent', () =>
  alone(async ({ messages }) => {
    const heard: number[] = [];
    for (const add of [1, 10])
      messages.on('t', (value) => {
        (value as { n: number }).n += add;
        heard.push((value as { n: number }).n);
      });
    const value = { n: 0 };
    const sent = messages.broadcast('t', value);
    value.n = 500;
    await sent;
    assert.deepEqual(heard, [1, 10]);
  }));

test('there is a limit to what is on its way, and what is over it is refused', () =>
  alone(async (_member, members) => {
    const { messages } = members.start({ slot: 1 });
    await messages.broadcast('joined');
    const waiting = Array.from({ length: 10_000 }, (_, n) => messages.send(3, 't', n, { timeout: 300 }));
    const ends = Promise.allSettled(waiting);
    await assert.rejects(messages.send(3, 't', 'too much'), { code: 'E_MESSAGE_FULL' });
    messages.on('t', () => {});
    await assert.rejects(messages.broadcast('t', 'too much'), { code: 'E_MESSAGE_FULL' });
    for (const end of await ends) assert.equal(end.status, 'rejected');
    assert.equal(await messages.broadcast('t', 'there is room again'), 1);
    const great = Array.from({ length: 300 }, () =>
      messages.send(3, 't', 'x'.repeat(250_000), { timeout: 300 }),
    );
    const ended = await Promise.allSettled(great);
    const codes = new Set(
      ended.map((end) => end.status === 'rejected' && (end.reason as { code: string }).code),
    );
    assert.deepEqual(codes, new Set(['E_MESSAGE_NO_WORKER', 'E_MESSAGE_FULL']));
  }));

test('a sender that was blocked beyond the timeout first reads what was answered meanwhile', () =>
  alone(async ({ messages }, members) => {
    const two = members.start({ slot: 1 });
    two.messages.answer('t', (value) => value);
    await messages.request('t', 0);
    const asked = messages.request('t', 1, { timeout: 150 });
    await new Promise(setImmediate);
    const until = performance.now() + 200;
    while (performance.now() < until);
    assert.equal(await asked, 1);
  }));
