/**
 * Starts an app that did not come up at boot again and again: what it needs, a database for
 * example, may come up later than Skein.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.ts';
import { exitCodes } from '../../core/error-catalogue.ts';
import { SkeinError } from '../../core/errors.ts';

export interface TryAgainOptions {
  readonly client: Pick<ControlClient, 'apps' | 'operate' | 'follow'>;
  readonly app: string;
  readonly signal: AbortSignal;
  /** Before the first try; doubled for each further one. */
  readonly firstMs?: number;
}

const FIRST_MS = 5_000;
const MOST_MS = 300_000;

/** Until it is up, or somebody has done something else with it. Never rejects. */
export const tryAgain = async ({
  client,
  app,
  signal,
  firstMs = FIRST_MS,
}: TryAgainOptions): Promise<void> => {
  const isFailed = async (): Promise<boolean> =>
    (await client.apps([])).apps.some(({ name, state }) => name === app && state === 'failed');
  for (let waitMs = firstMs; !signal.aborted; waitMs = Math.min(waitMs * 2, MOST_MS)) {
    await pause(waitMs, undefined, { signal }).catch(() => {});
    try {
      if (signal.aborted || !(await isFailed())) return;
      const { operations } = await client.operate({ verb: 'start', targets: [app] });
      const ended = await Promise.all(operations.map((operation) => client.follow(operation)));
      if (ended.every(({ state }) => state === 'succeeded')) return;
    } catch (error) {
      // Somebody does something else with it, or its own limit of restarts has been reached.
      if (error instanceof SkeinError && error.exitCode === exitCodes.conflict) return;
      // Between two supervisors: the next round looks again.
    }
  }
};
