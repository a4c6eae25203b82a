/** What the two sides of a pool say to each other: `pool.ts` here, `thread.ts` in the thread. */

export interface Assignment {
  /** Absolute path. */
  readonly file: string;
  readonly exported: string;
  readonly input: unknown;
}

export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `properties`: the error's own ones, such as `code`, which do not survive the way between threads. */
  | { readonly kind: 'thrown'; readonly error: unknown; readonly properties: Record<string, unknown> }
  | { readonly kind: 'not-loaded'; readonly reason: string }
  | { readonly kind: 'no-export' };
