/** The types of `skein/resilience` as a user meets them; compiled by `npm run types`, never run. */
import {
  breaker,
  type BreakerLink,
  bulkhead,
  compose,
  consecutive,
  createLocalBreakerHub,
  fallback,
  type Policy,
  ratio,
  retry,
  retryBudget,
  sampling,
  timeout,
} from '../../src/entry/resilience.ts';
import { same } from './same.ts';

interface Rates {
  readonly eur: number;
}
const fetchRates = async (signal: AbortSignal): Promise<Rates> => ({ eur: signal.aborted ? 0 : 1 });

export const results = async (): Promise<void> => {
  const guard = breaker('rates', { rule: consecutive(5), openFor: '10s' });
  const rates = await guard.run(({ signal }) => fetchRates(signal));
  same<typeof rates, Rates>(true);

  const plain = await timeout(2_000).run(() => 5);
  same<typeof plain, number>(true);

  const orNull = await fallback(() => null).run(({ signal }) => fetchRates(signal));
  same<typeof orNull, Rates | null>(true);

  const orText = await fallback(async () => 'none').run(() => 5);
  same<typeof orText, number | string>(true);

  const all = compose(
    fallback(() => null),
    retry({ retries: 2, budget: retryBudget({ share: 0.1 }) }),
    breaker('rates', { rule: ratio({ failures: 0.5, of: 20 }) }),
    bulkhead({ limit: 10, queue: 5 }),
    timeout('2s'),
  );
  const composed = await all.run(({ signal, attempt }) => (attempt > 0 ? fetchRates(signal) : undefined));
  same<typeof composed, Rates | null | undefined>(true);

  const nested = await compose(all, timeout('1m')).run(() => true);
  same<typeof nested, boolean | null>(true);

  const withoutFallback = await compose(retry(), timeout('1m')).run(() => 'x');
  same<typeof withoutFallback, string>(true);

  const policies: Policy[] = [guard, retry(), timeout('1s'), bulkhead({ limit: 1 })];
  await policies[0]?.run(() => 1, { signal: AbortSignal.timeout(10) });
};

export const state = (): void => {
  const guard = breaker('rates');
  same<typeof guard.state, 'closed' | 'open' | 'half-open' | 'isolated'>(true);
  const stop: () => void = guard.onChange(({ from, to }) => from === to);
  stop();
  const link: BreakerLink = createLocalBreakerHub().link();
  breaker('rates', { link });
  breaker('rates', { shared: true }).close();
  guard.onChange(({ by, error }) => {
    same<typeof by, 'this' | 'link'>(true);
    same<typeof error, unknown>(true);
  });
  const { changes, fromLink, linkFailures } = guard.metrics();
  same<typeof changes, Readonly<Record<typeof guard.state, number>>>(true);
  same<typeof fromLink, number>(true);
  same<typeof linkFailures, number>(true);
  // A transport of one's own need not tell of failures.
  const own: BreakerLink = {
    ...link,
    subscribe: (_name, listener) => link.subscribe('x', listener, () => {}),
  };
  breaker('rates', { link: own });
};

export const mistakes = (): void => {
  // @ts-expect-error a duration has a unit
  timeout('2 seconds');
  // @ts-expect-error a limit is needed
  bulkhead({ queue: 5 });
  // @ts-expect-error what a rule is made of
  breaker('rates', { rule: 5 });
  // @ts-expect-error shared or not
  breaker('rates', { shared: 'redis://localhost' });
  // @ts-expect-error a breaker has a name
  breaker({ openFor: '10s' });
  // @ts-expect-error the state is read, not written
  breaker('rates').state = 'open';
  // @ts-expect-error the window is needed
  sampling({ failures: 0.5 });
  // @ts-expect-error an option that does not exist
  retry({ attempts: 5 });
  // @ts-expect-error a policy without fallback is no policy that answers null
  const wrong: Promise<string> = compose(fallback(() => null)).run(() => 'x');
  void wrong;
};
