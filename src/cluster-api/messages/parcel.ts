/** A message on its way, as long as somebody waits for what becomes of it. */
import { formatDuration } from '../../core/duration.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Member, Peer } from './member.ts';
import { nameOf } from './member.ts';
import type { End } from './roster.ts';
import type { Address, Routed, View } from './route.ts';

export type Outcome =
  /** Its handlers were called. */
  | { readonly is: 'taken'; readonly by: Peer }
  | { readonly is: 'answered'; readonly by: Peer; readonly text: string | undefined }
  /** Who it was for has left, and nobody came in its place. */
  | { readonly is: 'unneeded' }
  | { readonly is: 'failed'; readonly error: SkeinError };

export interface Parcel extends Routed {
  readonly value: string | undefined;
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly done: (outcome: Outcome) => void;
  /** The member that has it, and under which number. */
  at: { readonly id: string; readonly n: number } | undefined;
  lost: End | undefined;
}

const addressee = (address: Address, node: string): string => {
  switch (address.is) {
    case 'slot':
      return nameOf({ ...address, generation: 0, pid: 0 }, node);
    case 'any':
      return 'any worker';
    case 'member':
      return nameOf(address.member, node);
  }
};

const placeOf = (address: Address): { node: string; slot: number | null } | undefined => {
  switch (address.is) {
    case 'slot':
      return address;
    case 'any':
      return undefined;
    case 'member':
      return address.member;
  }
};

const inPlace = (address: Address, members: readonly Member[]): boolean => {
  const place = placeOf(address);
  return members.some(
    ({ node, slot, phase }) =>
      phase !== 'leaving' && (place === undefined || (place.node === node && place.slot === slot)),
  );
};

const workers = (count: number): string => (count === 1 ? 'has 1 worker' : `has ${count} workers`);

/** There is nobody it could go to. */
export const nobody = ({ topic, address, lost }: Parcel, { node, count }: View): SkeinError => {
  const to = addressee(address, node);
  return lost === undefined
    ? new SkeinError('E_MESSAGE_NO_WORKER', { topic, to, reason: `as the app ${workers(count)} here` })
    : new SkeinError('E_MESSAGE_LOST', { topic, to, ended: lost });
};

/** What became of a message whose time is over. */
export const overdue = (parcel: Parcel, view: View): Outcome => {
  const { kind, topic, address, at, lost } = parcel;
  const timeout = formatDuration(parcel.timeoutMs);
  const holder = view.members.find(({ id }) => id === at?.id);
  if (at !== undefined) {
    const to = holder === undefined ? addressee(address, view.node) : nameOf(holder, view.node);
    const what = kind === 'ask' ? 'answer' : 'take';
    return { is: 'failed', error: new SkeinError('E_MESSAGE_TIMEOUT', { topic, to, what, timeout }) };
  }
  if (address.is === 'member' && lost === 'left') return { is: 'unneeded' };
  const there = inPlace(address, view.members);
  if (lost !== undefined && !there) return { is: 'failed', error: nobody(parcel, view) };
  // The successor is of a version that has no use for it.
  if (address.is === 'member' && kind === 'say' && there) return { is: 'unneeded' };
  const to = addressee(address, view.node);
  const began = kind === 'ask' ? 'answer' : 'listen to';
  const lack = address.is === 'any' ? `nobody began to ${began} it` : `${to} did not begin to ${began} it`;
  return {
    is: 'failed',
    error: there
      ? new SkeinError('E_MESSAGE_NO_HANDLER', { topic, lack, timeout })
      : new SkeinError('E_MESSAGE_NO_WORKER', { topic, to, reason: `and none came within ${timeout}` }),
  };
};
