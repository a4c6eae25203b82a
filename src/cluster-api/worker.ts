/** Who this process is in its cluster. */
import { appLink } from '../protocol/app-link.ts';

export interface Worker {
  /** The app's name; alone, `SKEIN_APP` or `app`. */
  readonly app: string;
  /** From 0; alone, 0. */
  readonly slot: number;
  /** Counts the rollouts of the app from 1; alone, 1. */
  readonly generation: number;
  /** How many workers the app is to have now; alone, 1. */
  readonly count: number;
  /** Unique among all processes that ever were a worker of this home; alone, the process id. */
  readonly id: string;
}

export const worker: Worker = {
  get app() {
    return appLink()?.app ?? (process.env['SKEIN_APP'] || 'app');
  },
  get slot() {
    return appLink()?.slot ?? 0;
  },
  get generation() {
    return appLink()?.generation ?? 1;
  },
  get count() {
    return appLink()?.count() ?? 1;
  },
  get id() {
    return appLink()?.id ?? String(process.pid);
  },
};
