/** Several policies as one. */
import type { Call, CallContext, Policy, RunOptions } from './policy.ts';
import { toContext } from './policy.ts';

type AlternativeOf<P> = P extends Policy<infer Alt> ? Alt : never;

/**
 * The first policy is the outermost: `compose(fallback(…), retry(…), breaker('x'), timeout('2s'))`
 * gives each try two seconds, shows each try to the breaker, and falls back when no try is left.
 * The result is a policy again.
 */
export const compose = <const P extends readonly Policy<unknown>[]>(
  ...policies: P
): Policy<AlternativeOf<P[number]>> => {
  const through = <T>(nth: number, call: Call<T>, context: CallContext): Promise<unknown> => {
    const policy = policies[nth];
    return policy === undefined
      ? Promise.resolve(call(context))
      : policy.run((inner) => through(nth + 1, call, inner), context);
  };
  return {
    run: async <T>(call: Call<T>, options?: RunOptions) =>
      (await through(0, call, toContext(options))) as T | AlternativeOf<P[number]>,
  };
};
