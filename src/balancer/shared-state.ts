/** The state that balancers use: of their own for rate limits, and of apps for splitting by it. Loaded when needed. */
import type { State } from '../state/contract.ts';
import { createState } from '../state/create.ts';

/** No request waits longer for a count. */
const COUNT_TIMEOUT_MS = 250;

const url = (): string => process.env['SKEIN_STATE'] ?? '';

/** Undefined where no state is shared: `memory:` is this process's alone, and buckets are simpler. */
export const stateForRates = (): State | undefined =>
  url() === '' || url().startsWith('memory:')
    ? undefined
    : createState({ namespace: 'skein-balancer', timeout: COUNT_TIMEOUT_MS });

/** What the app of this name shares; with Redis and the like there is one for all. */
export const stateOfApp = (app: string): State =>
  createState(
    url().startsWith('embedded:')
      ? { url: `${url().replace(/\?store=.*$/, '')}?store=${encodeURIComponent(app)}` }
      : {},
  );
