// What both programs have in common: something that has to be opened, looked at and closed.
import { health, onShutdown, worker } from 'skein';

/** Stands in for a real one; `DATABASE=away` is one that cannot be reached. */
export const database = {
  open: process.env.DATABASE !== 'away',
  async query(): Promise<string> {
    if (!database.open) throw new Error('the database cannot be reached');
    return 'goose';
  },
  async end(): Promise<void> {
    database.open = false;
    console.log('the database is closed');
  },
};

// While this fails, a new worker is not ready: a release that cannot reach its database replaces nobody.
health.check('database', () => database.query(), { every: '5s', timeout: '2s' });

// No request is left when this runs, so nobody misses it. Last added, first closed.
onShutdown(() => database.end());
onShutdown(() => console.log(`worker ${worker.slot} says goodbye`));

export const whoAmI = (): Record<string, string | number> => ({
  app: worker.app,
  slot: worker.slot,
  generation: worker.generation,
  count: worker.count,
});
