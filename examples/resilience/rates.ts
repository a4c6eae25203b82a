// Exchange rates from a service that may be slow, down, or back again.
import { breaker, bulkhead, compose, consecutive, fallback, retry, timeout } from 'skein/resilience';

interface Rates {
  readonly eur: number;
}

const url = process.env.RATES_URL ?? 'http://localhost:4000/rates';
let lastGood: (Rates & { readonly at: number }) | undefined;

// Shared: under Skein one breaker for all workers, alone one of this process.
export const service = breaker('rates', { rule: consecutive(3), openFor: '1s', shared: true });
service.onChange(({ from, to, by }) => console.log(`rates: ${from} -> ${to} (${by})`));

// The outermost first: what is left when everything failed is the last good answer.
const policy = compose(
  fallback((error) => {
    if (lastGood === undefined) throw error;
    return { eur: lastGood.eur, stale: true };
  }),
  retry({ retries: 1, firstPause: 20 }),
  service,
  bulkhead({ limit: 50, queue: 100 }),
  timeout('500ms', { name: 'The rates service' }),
);

export const rates = (signal?: AbortSignal) =>
  policy.run(
    async ({ signal }) => {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new Error(`the rates service answered ${response.status}`);
      const fresh = (await response.json()) as Rates;
      lastGood = { ...fresh, at: Date.now() };
      return { ...fresh, stale: false };
    },
    { signal },
  );
