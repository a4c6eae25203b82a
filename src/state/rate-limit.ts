/** What both rate limiters answer. */
export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  /** How many more would be allowed now. */
  readonly remaining: number;
  /** When the same question may be answered otherwise; 0 if it was allowed. */
  readonly retryAfterMs: number;
}

export interface RateLimiter {
  /**
   * Counts `cost` (default 1) for `key`, a client or a route, if that is within the limit; what is
   * refused counts nothing.
   */
  take(key: string, cost?: number): Promise<Verdict>;
}
