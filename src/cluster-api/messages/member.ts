/** A process that takes part in messages, as all others know it. */

/** `leaving`: it takes nothing new, and goes when what it has is answered. */
export type MemberPhase = 'starting' | 'ready' | 'draining' | 'leaving';

/** Who sent a message, or answered one. */
export interface Peer {
  /** The machine, by its host name. */
  readonly node: string;
  /** Null: a thread or a child process of a worker, which has no slot. */
  readonly slot: number | null;
  readonly generation: number;
  readonly pid: number;
}

export interface Member extends Peer {
  /** Unique among all processes; its inbox has this name. */
  readonly id: string;
  /** Process ids mean something only within one namespace of them. */
  readonly pidSpace: string;
  /** Date.now() when it joined. */
  readonly since: number;
  readonly phase: MemberPhase;
  /** Topics it has handlers for, and those it answers. */
  readonly hears: readonly string[];
  readonly answers: readonly string[];
  /** Counts the changes of this record. */
  readonly revision: number;
}

const isTopics = (value: unknown): boolean =>
  Array.isArray(value) && value.every((topic) => typeof topic === 'string');

/** What was read as a member, or undefined: somebody else may write under the same key. */
export const asMember = (value: unknown): Member | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const it = value as Partial<Record<keyof Member, unknown>>;
  const sound =
    ['id', 'node', 'pidSpace', 'phase'].every((key) => typeof it[key as keyof Member] === 'string') &&
    ['generation', 'pid', 'since', 'revision'].every((key) => Number.isFinite(it[key as keyof Member])) &&
    (it.slot === null || Number.isSafeInteger(it.slot)) &&
    isTopics(it.hears) &&
    isTopics(it.answers);
  return sound ? (value as Member) : undefined;
};

export const peerOf = ({ node, slot, generation, pid }: Peer): Peer => ({ node, slot, generation, pid });

/** For messages: `slot 2`, with the machine where it is not this one. */
export const nameOf = ({ node, slot, pid }: Peer, ownNode: string): string => {
  const name = slot === null ? `process ${pid}` : `slot ${slot}`;
  return node === ownNode ? name : `${name} of ${node}`;
};
