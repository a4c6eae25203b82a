import type { Upstream } from '../upstream.ts';

/**
 * Chooses one of those that may serve a request: health, limits and what this request tried already were
 * decided before. One policy belongs to one pool.
 */
export interface Policy {
  /**
   * Undefined when none has a weight. The caller counts the request in `inFlight` before the next pick.
   * `key` is what the request is hashed by; '' when it has none.
   */
  readonly pick: <U extends Upstream>(candidates: readonly U[], key: string) => U | undefined;
  /**
   * What came of a request: an answer, `ms` after it was sent, or a failure (of the connection, or what
   * counts as one, such as a 502). A request that its client gave up says nothing and is not reported.
   */
  readonly observe?: (upstream: Upstream, answered: boolean, ms: number) => void;
}
