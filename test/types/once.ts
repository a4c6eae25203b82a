/** The types of what `skein` does once per cluster; compiled by `npm run types`, never run. */
import {
  cached,
  type Cached,
  type ErrorCode,
  every,
  type Frozen,
  isLeader,
  type Leadership,
  once,
  onLeader,
  type RunningJob,
  type SkeinError,
} from '../../src/entry/skein.ts';
import { same } from './same.ts';

interface Rates {
  eur: number;
  list: { id: number; note?: string }[];
}

const fetchRates = async (_signal: AbortSignal): Promise<Rates> => ({ eur: 1, list: [] });

export const values = async (): Promise<void> => {
  const rates = cached('rates', { every: '10s' }, ({ signal }) => fetchRates(signal));
  same<typeof rates, Cached<Rates>>(true);
  const value = await rates.get();
  same<typeof value, Frozen<Rates>>(true);
  same<typeof value.eur, number>(true);
  same<typeof rates.value, Frozen<Rates> | undefined>(true);
  same<typeof rates.ageMs, number | undefined>(true);
  same<typeof rates.error, SkeinError | undefined>(true);
  same<Awaited<ReturnType<typeof rates.refresh>>, Frozen<Rates>>(true);
  cached('n', { ttl: 500, stale: Infinity, timeout: '5s', retry: '1s' }, () => 5);
  same<Frozen<[number, { a: string[] }]>, readonly [number, { readonly a: readonly string[] }]>(true);
  same<Frozen<string | null>, string | null>(true);

  // @ts-expect-error what all share nobody can change
  value.eur = 2;
  // @ts-expect-error not inside of it either
  value.list.push({ id: 1 });
  // @ts-expect-error one of every and ttl
  cached('n', {}, () => 5);
  // @ts-expect-error not both
  cached('n', { every: '1s', ttl: '1s' }, () => 5);
  // @ts-expect-error a Date would come back as text
  cached('date', { every: '1s' }, () => new Date());
  // @ts-expect-error nor is a Map data
  cached('map', { every: '1s' }, async () => ({ map: new Map() }));
  // @ts-expect-error nothing is no value
  cached('void', { every: '1s' }, async () => {});
  // @ts-expect-error a duration has a unit
  cached('n', { every: 'soon' }, () => 5);
};

export const jobs = async (): Promise<void> => {
  const job = every('report', '0 4 * * *', async ({ token, signal, scheduledAt, check }) => {
    same<typeof token, number>(true);
    same<typeof signal, AbortSignal>(true);
    same<typeof scheduledAt, Date>(true);
    check();
  });
  same<typeof job, RunningJob>(true);
  same<ReturnType<typeof job.next>, Date | undefined>(true);
  every('often', '30s', () => 1, { catchUp: '1h', interrupted: 'rerun', onError: () => {} });
  every('zone', '@daily', () => {}, { timeZone: 'Europe/Berlin' });
  same<ReturnType<typeof isLeader>, boolean>(true);
  const off = onLeader((leadership) => same<typeof leadership, Leadership>(true));
  same<typeof off, () => void>(true);
  const code: ErrorCode = 'E_JOB_SKIPPED';
  void code;

  // @ts-expect-error a job needs its times
  every('report', () => {});
  // @ts-expect-error one of the two
  every('report', '1s', () => {}, { interrupted: 'again' });
  // @ts-expect-error it is a function, for it changes
  if (isLeader) every('never', '1s', () => {});
};

export const onces = async (): Promise<void> => {
  const warm = await once('warm', async () => ({ tables: ['a'] }));
  same<typeof warm, { readonly tables: readonly string[] }>(true);
  const nothing = await once('migrate', async ({ token, check }) => {
    same<typeof token, number>(true);
    check();
  });
  same<typeof nothing, void>(true);
  await once('all', () => 1, { per: 'cluster' });

  // @ts-expect-error a Map cannot be stored
  await once('map', () => new Map());
  // @ts-expect-error no such scope
  await once('x', () => 1, { per: 'day' });
};
