/** Messages over a state: checks what the app gives, and puts the parts together. */
import { setTimeout as delay } from 'node:timers/promises';
import { formatDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Duration } from '../../core/options.ts';
import { countOption, durationOption } from '../../core/options.ts';
import type { State } from '../../state/contract.ts';
import type {
  BroadcastOptions,
  Messages,
  Place,
  Reply,
  RequestAllOptions,
  RequestOptions,
  SendOptions,
} from './api.ts';
import type { Handler } from './handlers.ts';
import { Handlers, textValue, valueText } from './handlers.ts';
import type { Member, MemberPhase } from './member.ts';
import { peerOf } from './member.ts';
import { Membership, whyNotJoined } from './membership.ts';
import type { Outcome } from './parcel.ts';
import { missed } from './missed.ts';
import { MAX_PENDING, Post } from './post.ts';
import { Roster } from './roster.ts';
import type { Address } from './route.ts';
import { answerers, listeners } from './route.ts';
import type { Identity } from './self.ts';
import { topicName } from './topic.ts';

export interface MessagesContext {
  /** With a namespace for messages alone. */
  readonly state: State;
  readonly identity: Identity;
  readonly phase: MemberPhase;
  /** How many workers the app is to have on this machine. */
  readonly count: () => number;
  readonly mayLive: (member: Member) => boolean;
  readonly now: () => number;
}

export interface OwnMessages extends Messages {
  setPhase(phase: MemberPhase): void;
  /** Refuses what is new, ends what it has, and takes this process off everybody's list. */
  leave(): Promise<void>;
  /** As after `leave`, and listens no more. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 5_000;
/** How long leaving waits for answers that are being made, and for what this process has sent. */
const LEAVE_MS = 5_000;

type Topic = string | { readonly name: string };

interface Content {
  readonly kind: 'say' | 'ask';
  readonly topic: string;
  readonly value: string | undefined;
  readonly timeoutMs: number;
}

const handlerOption = (handler: unknown): Handler => {
  if (typeof handler === 'function') return handler as Handler;
  throw new SkeinError('E_BAD_VALUE', {
    option: 'handler',
    value: typeof handler,
    expected: 'a function',
    example: '(value, from) => …',
  });
};

const timeoutOption = (timeout: Duration | undefined): number =>
  timeout === undefined ? TIMEOUT_MS : durationOption('timeout', timeout);

const content = (
  kind: Content['kind'],
  topic: Topic,
  value: unknown,
  { timeout }: { readonly timeout?: Duration } = {},
): Content => {
  const name = topicName(topic);
  return { kind, topic: name, value: valueText(name, value), timeoutMs: timeoutOption(timeout) };
};

export const createMessages = (context: MessagesContext): OwnMessages => {
  const { identity, state, now } = context;
  let record: Member = { ...identity, phase: context.phase, hears: [], answers: [], revision: 0 };
  const change = (phase = record.phase): Promise<void> => {
    const { hears, answers } = handlers;
    record = { ...record, phase, hears, answers, revision: record.revision + 1 };
    // What this process can do itself it knows before others do.
    roster.learn(identity.id, { phase, hears, answers });
    post.rosterChanged();
    return membership.changed();
  };

  const handlers = new Handlers(() => {
    void change();
    join();
  });
  const roster = new Roster();
  const membership: Membership = new Membership({
    state,
    roster,
    self: () => record,
    now,
    mayLive: context.mayLive,
    onBatch: (batch) => post.receive(batch),
    onRoster: () => post.rosterChanged(),
    onGone: (id, end) => post.gone(id, end),
    onMissed: () => post.repeat(),
  });
  const post = new Post({
    self: () => record,
    count: context.count,
    roster,
    handlers,
    publish: (id, batch) => membership.publish(id, batch),
    now,
    suspect: (member) => {
      if (!context.mayLive(member)) membership.bury(member);
    },
  });

  /** What is to be done once the other members are known, in order. */
  const waiting = new Set<{ readonly go: () => void; readonly fail: (error: unknown) => void }>();
  let open = false;
  const join = (): void => {
    if (open) return;
    membership.join().then(
      () => {
        for (const { go } of waiting) go();
        waiting.clear();
        open = true;
      },
      (error: unknown) => {
        const reason = whyNotJoined(error);
        for (const { fail } of waiting) fail(reason);
        waiting.clear();
      },
    );
  };

  const whenOpen = <T>({ topic, timeoutMs }: Content, begin: () => Promise<T>): Promise<T> => {
    if (open) return begin();
    if (waiting.size >= MAX_PENDING)
      throw new SkeinError('E_MESSAGE_FULL', { topic, pending: `${waiting.size}` });
    return new Promise<T>((resolve, reject) => {
      const one = {
        go: () => {
          clearTimeout(limit);
          resolve(begin());
        },
        fail: (error: unknown) => {
          clearTimeout(limit);
          reject(error);
        },
      };
      const limit = setTimeout(() => {
        waiting.delete(one);
        const reason = `no answer within ${formatDuration(timeoutMs)}`;
        reject(
          new SkeinError('E_STATE_AWAY', { operation: 'join', key: topic, engine: state.engine, reason }),
        );
      }, timeoutMs);
      waiting.add(one);
      join();
    });
  };

  const deliver = (what: Content, address: Address): Promise<Outcome> =>
    new Promise((done) => post.accept({ ...what, address, done }));

  const toPlace = (to: Place): Address => {
    const { node, slot } = typeof to === 'object' && to !== null ? to : { node: identity.node, slot: to };
    if (typeof node !== 'string')
      throw new SkeinError('E_BAD_VALUE', {
        option: 'node',
        value: String(node),
        expected: 'the host name of a machine',
        example: `'${identity.node}'`,
      });
    return { is: 'slot', node, slot: countOption('slot', slot, 0) };
  };

  /** The same to several members; each outcome with the member it was meant for. */
  const toEach = (what: Content, members: readonly Member[]): Promise<(readonly [Member, Outcome])[]> => {
    const covered = new Set<string>();
    return Promise.all(
      members.map(async (member) => {
        const outcome = await deliver(what, { is: 'member', member, covered }).catch(
          // E_MESSAGE_FULL.
          (error: unknown): Outcome => ({ is: 'failed', error: error as SkeinError }),
        );
        return [member, outcome] as const;
      }),
    );
  };

  const broadcast = async (
    topic: Topic,
    value?: unknown,
    options: BroadcastOptions = {},
  ): Promise<number> => {
    const what = content('say', topic, value, options);
    const { self = true } = options;
    return whenOpen(what, async () => {
      const everybody = listeners(what.topic, roster.members);
      const outcomes = await toEach(
        what,
        self ? everybody : everybody.filter(({ id }) => id !== identity.id),
      );
      return missed(what.topic, outcomes, identity.node);
    });
  };

  const send = async (to: Place, topic: Topic, value?: unknown, options: SendOptions = {}): Promise<void> => {
    const what = content('say', topic, value, options);
    const address = toPlace(to);
    const outcome = await whenOpen(what, () => deliver(what, address));
    if (outcome.is === 'failed') throw outcome.error;
  };

  const replies = (topic: string, outcomes: readonly (readonly [Member, Outcome])[]): Reply<unknown>[] =>
    outcomes.flatMap(([member, outcome]): Reply<unknown>[] => {
      switch (outcome.is) {
        case 'answered':
          return [{ ok: true, from: outcome.by, value: textValue(topic, outcome.text) }];
        case 'failed':
          return [{ ok: false, from: peerOf(member), error: outcome.error }];
        case 'taken':
        case 'unneeded':
          return [];
      }
    });

  const request = async (
    topic: Topic,
    value?: unknown,
    options: RequestOptions | RequestAllOptions = {},
  ): Promise<unknown> => {
    const what = content('ask', topic, value, options);
    const { to } = options;
    if (to === 'all')
      return whenOpen(what, async () =>
        replies(what.topic, await toEach(what, answerers(what.topic, roster.members))),
      );
    const address: Address = to === undefined ? { is: 'any' } : toPlace(to);
    const outcome = await whenOpen(what, () => deliver(what, address));
    if (outcome.is === 'failed') throw outcome.error;
    return outcome.is === 'answered' ? textValue(what.topic, outcome.text) : undefined;
  };

  let leaving: Promise<void> | undefined;
  const leave = (): Promise<void> =>
    (leaving ??= (async () => {
      if (!membership.joined) return;
      await change('leaving');
      await Promise.race([
        Promise.all([post.leave(), post.settled()]),
        delay(LEAVE_MS, undefined, { ref: false }),
      ]);
      await post.flushed();
      await membership.leave();
    })());

  return {
    broadcast,
    send,
    request: request as OwnMessages['request'],
    on: (topic: Topic, handler: unknown) => handlers.on(topicName(topic), handlerOption(handler)),
    answer: (topic: Topic, handler: unknown) => handlers.answer(topicName(topic), handlerOption(handler)),
    onMessageError: (listener) => handlers.onFailure(listener),
    setPhase: (phase) => {
      if (leaving === undefined && phase !== record.phase) void change(phase);
    },
    leave,
    async close() {
      await leave();
      await membership.close();
    },
  };
};
