/**
 * What members put into each other's inboxes: batches. Between two members each direction counts its
 * cargo from 1, so that whatever is lost is noticed, sent again, and handled once and in order.
 */
import type { Peer } from './member.ts';

/** `deaf`: no handler for the topic. `leaving`: the member takes nothing new. */
export type Refusal = 'deaf' | 'leaving';

export type Cargo =
  /** `ask` wants a `reply` or a `failure`; `value` is JSON, missing for undefined. */
  | { readonly kind: 'say' | 'ask'; readonly topic: string; readonly value?: string }
  /** `to`: the number of the `ask`. */
  | { readonly kind: 'reply'; readonly to: number; readonly value?: string }
  | { readonly kind: 'failure'; readonly to: number; readonly value: string };

export type Numbered = Cargo & { readonly n: number };

export interface Batch {
  readonly from: string;
  readonly peer: Peer;
  /** The sender has done with everything below: it was taken, or given up. */
  readonly base: number;
  readonly cargo: readonly Numbered[];
  /** Of the other direction: taken up to this number, but for `refused`. */
  readonly taken: number;
  readonly refused?: readonly (readonly [number, Refusal])[];
}

/** Of one value, encoded. Greater ones belong into the state, and their key into the message. */
export const MAX_VALUE_BYTES: number = 256 * 1024;
/** Characters of values in one batch; as JSON within JSON they may double, within the state's limit of 1M. */
export const MAX_BATCH_CHARS: number = 256 * 1024;
export const MAX_BATCH_CARGO = 500;

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isCargo = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const it = value as Record<string, unknown>;
  if (!Number.isSafeInteger(it['n']) || !isText(it['value'])) return false;
  switch (it['kind']) {
    case 'say':
    case 'ask':
      return typeof it['topic'] === 'string';
    case 'reply':
    case 'failure':
      return Number.isSafeInteger(it['to']);
    default:
      return false;
  }
};

const isRefused = (value: unknown): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.every((one) => Array.isArray(one) && Number.isSafeInteger(one[0])));

/** What came in as a batch, or undefined: anybody may publish to a topic. */
export const asBatch = (value: unknown): Batch | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const it = value as Partial<Record<keyof Batch, unknown>>;
  const sound =
    typeof it.from === 'string' &&
    typeof it.peer === 'object' &&
    it.peer !== null &&
    Number.isSafeInteger(it.base) &&
    Number.isSafeInteger(it.taken) &&
    isRefused(it.refused) &&
    Array.isArray(it.cargo) &&
    it.cargo.every(isCargo);
  return sound ? (value as Batch) : undefined;
};
