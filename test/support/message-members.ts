/** Several members in one process, each with an own way to the same state that can be cut or made to lose things. */
import type { State } from '../../src/state/contract.ts';
import type { OwnMessages } from '../../src/cluster-api/messages/messages.ts';
import { createMessages } from '../../src/cluster-api/messages/messages.ts';
import type { MemberPhase } from '../../src/cluster-api/messages/member.ts';

export interface MemberOptions {
  readonly slot?: number | null;
  readonly generation?: number;
  readonly node?: string;
  readonly phase?: MemberPhase;
}

export interface TestMember {
  readonly messages: OwnMessages;
  readonly pid: number;
  /** As SIGKILL: it neither sends nor hears any more, and its process id is free. */
  kill(): void;
  /** Publishes are dropped while this is true for them. */
  loses: (topic: string) => boolean;
}

export interface Members {
  start(options?: MemberOptions): TestMember;
  /** How many workers each believes the app is to have. */
  count: number;
  close(): Promise<void>;
}

const never = new Promise<never>(() => {});

/** `state` as a process has it that can be killed. */
const mortal = (state: State, isDead: () => boolean, loses: (topic: string) => boolean): State =>
  new Proxy(state, {
    get: (target, name: keyof State) => {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return (...args: never[]) => {
        if (isDead()) return never;
        if (name === 'publish' && loses(String(args[0]))) return Promise.resolve();
        const call = member as (...args: unknown[]) => unknown;
        if (name !== 'listen' && name !== 'subscribe') return call(...args);
        const [what, listener] = args as unknown as [unknown, (heard: unknown) => void];
        return call(what, (heard: unknown) => {
          if (!isDead()) listener(heard);
        });
      };
    },
  });

export const createMembers = (stateOf: () => State): Members => {
  const all: TestMember[] = [];
  const dead = new Set<number>();
  const members: Members = {
    count: 4,
    start({ slot = 0, generation = 1, node = 'here', phase = 'ready' } = {}) {
      const pid = 1_000 + all.length;
      const member: TestMember = {
        pid,
        kill: () => void dead.add(pid),
        loses: () => false,
        messages: createMessages({
          state: mortal(
            stateOf(),
            () => dead.has(pid),
            (topic) => member.loses(topic),
          ),
          identity: { id: `m${pid}`, node, slot, generation, pid, pidSpace: '', since: pid },
          phase,
          count: () => members.count,
          mayLive: (other) => other.node !== node || !dead.has(other.pid),
          now: () => performance.now(),
        }),
      };
      all.push(member);
      return member;
    },
    async close() {
      await Promise.all(all.filter(({ pid }) => !dead.has(pid)).map(({ messages }) => messages.close()));
    },
  };
  return members;
};
