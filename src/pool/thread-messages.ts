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

/** Arrays: names of properties would be written and read again for each task. */
export type Assignment = readonly [
  /** From `keyOf`. */
  key: string,
  input: unknown,
];

export type Answer = readonly [value: unknown] | Failure;

export type Failure =
  /** `properties`: the error's own ones, such as `code`, which do not survive the way between threads. */
  | { readonly kind: 'thrown'; readonly error: unknown; readonly properties: Record<string, unknown> }
  | { readonly kind: 'not-loaded'; readonly reason: string }
  | { readonly kind: 'no-export' };
