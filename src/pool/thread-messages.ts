/** What the two sides of a pool say to each other: `pool.ts` here, `thread.ts` in the thread. */

/** What a task is: a function that a file exports. */
export interface Job {
  /** Absolute path. */
  readonly file: string;
  readonly exported: string;
}

/** One string, because every task carries it to the thread. */
export const keyOf = ({ file, exported }: Job): string => JSON.stringify([file, exported]);

export const jobOf = (key: string): Job => {
  const [file, exported] = JSON.parse(key) as [string, string];
  return { file, exported };
};

export interface Assignment {
  /** From `keyOf`. */
  readonly key: string;
  readonly input: unknown;
}

export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `properties`: the error's own ones, such as `code`, which do not survive the way between threads. */
  | { readonly kind: 'thrown'; readonly error: unknown; readonly properties: Record<string, unknown> }
  | { readonly kind: 'not-loaded'; readonly reason: string }
  | { readonly kind: 'no-export' };
