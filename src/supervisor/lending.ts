/**
 * Which worker accepts from which slot's socket. The worker of a slot serves its own; when it is
 * dead, blocked or draining, or its slot was scaled away, the socket is lent to the sibling that
 * serves fewest, because the kernel goes on spreading connections over all sockets of the group.
 */
import type { Serving } from '../protocol/worker.ts';

export interface SocketFact {
  readonly key: string;
  readonly slot: number;
}

export interface ServerFact {
  readonly id: string;
  readonly slot: number;
  /** Keys of the addresses its app listens on and accepts from. */
  readonly listens: ReadonlySet<string>;
  /** What it accepts from now, its own and lent. */
  readonly serving: readonly Serving[];
  /** Ready and answering: false for a draining or blocked worker. */
  readonly fit: boolean;
}

export type LendingAction =
  | { readonly do: 'lend'; readonly key: string; readonly slot: number; readonly to: string }
  | { readonly do: 'return'; readonly key: string; readonly slot: number; readonly from: string };

const serves = ({ serving }: ServerFact, key: string, slot: number): boolean =>
  serving.some((own) => own.key === key && own.slot === slot);

/** `sockets`: the per-slot sockets of one app; `servers`: its workers that are alive. */
export const decideLending = (
  sockets: readonly SocketFact[],
  servers: readonly ServerFact[],
): LendingAction[] => {
  const actions: LendingAction[] = [];
  const load = new Map(servers.map(({ id, serving }) => [id, serving.length]));

  for (const { key, slot } of sockets) {
    const natural = servers.some((server) => server.slot === slot && server.fit && server.listens.has(key));
    const lent = servers.filter((server) => server.slot !== slot && serves(server, key, slot));
    if (natural) {
      for (const { id } of lent) actions.push({ do: 'return', key, slot, from: id });
      continue;
    }
    if (lent.some(({ fit }) => fit)) continue;
    const [to] = servers
      .filter((server) => server.fit && server.slot !== slot && server.listens.has(key))
      .sort((a, b) => load.get(a.id)! - load.get(b.id)! || a.slot - b.slot);
    if (to === undefined) continue;
    load.set(to.id, load.get(to.id)! + 1);
    actions.push({ do: 'lend', key, slot, to: to.id });
  }
  return actions;
};
