/** Which member gets a message. Pure: what is known goes in, where it goes comes out. */
import type { Member } from './member.ts';
import type { End } from './roster.ts';

export type Address =
  /** Whoever is in the slot. */
  | { readonly is: 'slot'; readonly node: string; readonly slot: number }
  /** Any member that answers the topic. */
  | { readonly is: 'any' }
  /** This member, or who comes in its place; `covered` are those that the same broadcast has. */
  | { readonly is: 'member'; readonly member: Member; readonly covered: Set<string> };

export interface Routed {
  readonly kind: 'say' | 'ask';
  readonly topic: string;
  readonly address: Address;
  /** How the member ended that had it last. */
  readonly lost: End | undefined;
}

export interface View {
  readonly node: string;
  /** How many workers the app is to have on this machine. */
  readonly count: number;
  readonly members: readonly Member[];
  /** Messages that this process has with a member and that wait for an answer. */
  readonly load: (id: string) => number;
  /** Counts the decisions, so that equals take turns. */
  readonly turn: number;
}

export type Route =
  | { readonly is: 'to'; readonly member: Member }
  /** Nobody yet. */
  | { readonly is: 'wait' }
  /** There is nobody, and will be nobody. */
  | { readonly is: 'nobody' }
  /** Nobody is left who should get it. */
  | { readonly is: 'unneeded' };

const rank = { ready: 3, starting: 2, draining: 1, leaving: 0 } as const;

const handles = ({ kind, topic }: Pick<Routed, 'kind' | 'topic'>, { hears, answers }: Member): boolean =>
  (kind === 'say' ? hears : answers).includes(topic);

const byPrecedence = (a: Member, b: Member): number =>
  rank[b.phase] - rank[a.phase] || b.generation - a.generation || b.since - a.since;

/** The newest that is ready, else the newest that starts, else one that still drains. */
const first = (members: readonly Member[]): Member | undefined =>
  members.filter(({ phase }) => phase !== 'leaving').sort(byPrecedence)[0];

/** Members in a slot of a machine. */
const inPlace = (members: readonly Member[], node: string, slot: number | null): Member[] =>
  members.filter((member) => member.slot === slot && member.node === node);

/** Whether a slot is, or will be, one of this machine's; of other machines it is not known. */
const mayExist = (view: View, node: string, slot: number): boolean =>
  node !== view.node || slot < view.count || inPlace(view.members, node, slot).length > 0;

const toSlot = (message: Routed, node: string, slot: number, view: View): Route => {
  const member = first(inPlace(view.members, node, slot).filter((one) => handles(message, one)));
  if (member !== undefined) return { is: 'to', member };
  return mayExist(view, node, slot) ? { is: 'wait' } : { is: 'nobody' };
};

/** Those that drain only while nobody else answers; among equals, who has the least to do. */
const toAny = (message: Routed, view: View): Route => {
  const able = view.members.filter((one) => one.phase !== 'leaving' && handles(message, one));
  const settled = able.filter(({ phase }) => phase === 'ready');
  const among = settled.length > 0 ? settled : able;
  let member: Member | undefined;
  for (let step = 0; step < among.length; step += 1) {
    const one = among[(view.turn + step) % among.length];
    if (one === undefined) continue;
    if (member === undefined || view.load(one.id) < view.load(member.id)) member = one;
  }
  return member === undefined ? { is: 'wait' } : { is: 'to', member };
};

const toMember = (
  message: Routed,
  { member, covered }: Extract<Address, { is: 'member' }>,
  view: View,
): Route => {
  const now = view.members.find(({ id }) => id === member.id);
  if (now !== undefined && now.phase !== 'leaving' && handles(message, now)) return { is: 'to', member: now };
  // It took its handler off.
  if (now !== undefined && now.phase !== 'leaving') return { is: 'unneeded' };
  if (member.slot === null) return { is: 'unneeded' };
  const others = inPlace(view.members, member.node, member.slot).filter((one) => handles(message, one));
  if (others.some(({ id, phase }) => covered.has(id) && phase !== 'leaving')) return { is: 'unneeded' };
  const successor = first(others);
  if (successor !== undefined) return { is: 'to', member: successor };
  if (mayExist(view, member.node, member.slot)) return { is: 'wait' };
  return { is: message.lost === 'died' ? 'nobody' : 'unneeded' };
};

export const route = (message: Routed, view: View): Route => {
  const { address } = message;
  switch (address.is) {
    case 'slot':
      return toSlot(message, address.node, address.slot, view);
    case 'any':
      return toAny(message, view);
    case 'member':
      return toMember(message, address, view);
  }
};

/** Everybody who listens to a topic. */
export const listeners = (topic: string, members: readonly Member[]): Member[] =>
  members.filter((member) => member.phase !== 'leaving' && handles({ kind: 'say', topic }, member));

const byPlace = (a: Member, b: Member): number => {
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return (a.slot ?? Infinity) === (b.slot ?? Infinity)
    ? a.pid - b.pid
    : (a.slot ?? Infinity) - (b.slot ?? Infinity);
};

/** Of each slot, and of each process without one, who answers a topic; in the order of machines and slots. */
export const answerers = (topic: string, members: readonly Member[]): Member[] => {
  const places = new Map<string, Member[]>();
  for (const member of members) {
    if (!handles({ kind: 'ask', topic }, member)) continue;
    const place = member.slot === null ? member.id : `${member.node} ${member.slot}`;
    places.set(place, [...(places.get(place) ?? []), member]);
  }
  return [...places.values()].flatMap((one) => first(one) ?? []).sort(byPlace);
};
