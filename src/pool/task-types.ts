/** How the type of a task file becomes the type of the function that runs it in a thread. */

type AnyTask = (input: never) => unknown;

/** The function that `Source` means: itself, or the export `Name` of a module (`typeof import('./x.ts')`). */
export type FunctionOf<Source, Name extends string> = Source extends AnyTask
  ? Source
  : Name extends keyof Source
    ? Source[Name] extends AnyTask
      ? Source[Name]
      : never
    : never;

/** What is passed: the task's one parameter, which may be left out where the task allows that. */
export type InputOf<F> = F extends (...args: infer Args) => unknown
  ? Args extends []
    ? [input?: undefined]
    : Args extends [infer Input, ...unknown[]]
      ? [input: Input]
      : Args extends [(infer Input)?, ...unknown[]]
        ? [input?: Input]
        : never
  : never;

export type OutputOf<F> = F extends (...args: never) => infer Output ? Awaited<Output> : never;
