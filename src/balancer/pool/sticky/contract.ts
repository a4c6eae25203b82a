import type { Asking, PoolMember } from '../../contract.ts';
import type { Upstream } from '../member.ts';

/** Knows which upstream a session belongs to. */
export interface Sticky {
  /** The upstreams of the pool from now on. */
  readonly members: (members: readonly Upstream[]) => void;
  /** The one of `members` that this request belongs to, whether it can serve or not; undefined: to none. */
  readonly ownerOf: (asking: Asking, members: readonly Upstream[]) => Upstream | undefined;
  /** What the response of this upstream has to say, `lines` being its own; also counts who moved. */
  readonly linesFor: (asking: Asking, upstream: PoolMember, lines: string) => string;
  /** The request's Cookie without what is no business of the app. */
  readonly cookieFor: (cookie: string) => string | undefined;
}
