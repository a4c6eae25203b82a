/**
 * How the breakers of one name in several workers act as one. The interface knows no transport:
 * `state-link.ts` connects those of all workers over shared state, `local-link.ts` those inside one process.
 */

/** A decision about a breaker, as the other workers hear of it. */
export interface BreakerNews {
  readonly name: string;
  /** Grows with each decision about this breaker; a higher one replaces a lower one. */
  readonly version: number;
  readonly state: 'closed' | 'open' | 'isolated';
  /** With `open`: how long from now until it is tested. Whoever passes news on late subtracts the delay. */
  readonly openForMs: number;
  /** Tests that failed since it opened; each made the next pause longer. */
  readonly failedProbes: number;
}

export interface BreakerLink {
  /** Tells all other workers. */
  readonly publish: (news: BreakerNews) => void;
  /**
   * Hears what the others publish about breakers of this name, and at the beginning the last news if
   * there were any. `onFailure` is told whenever the others could not be reached. Returns what ends it.
   */
  readonly subscribe: (
    name: string,
    listener: (news: BreakerNews) => void,
    onFailure: (error: unknown) => void,
  ) => () => void;
  /**
   * Asks for the right to make the one call that tests the dependency. `true` to one worker at a
   * time; the right ends by `endProbe`, when its worker dies, and in any case after `leaseMs`.
   * Before it resolves to `true`, the listener has heard what came of the test before.
   * A breaker whose link rejects, or does not answer in a second, tests on its own.
   */
  readonly claimProbe: (name: string, leaseMs: number) => Promise<boolean>;
  readonly endProbe: (name: string) => void;
}
