/**
 * The promise as a test: an app under load, something happens to it, and every request that was
 * made meanwhile has its right answer.
 */
import assert from 'node:assert/strict';
import type { AcceptMode } from '../../src/protocol/app-spec.ts';
import { startLoad } from './load/load.ts';
import type { Load } from './load/load.ts';
import { lost } from './load/profile.ts';
import type { LoadProfile, Loss, Tally } from './load/profile.ts';
import { freePort } from './ports.ts';
import { fixture, withSkein } from './skein.ts';
import type { Skein } from './skein.ts';

export interface Scene {
  readonly skein: Skein;
  readonly load: Load;
  readonly port: number;
  /** Name of the app. */
  readonly app: string;
}

export interface Scenario {
  /** A program of test/fixtures/apps, or an absolute path. */
  readonly script: string;
  /** Default 4. */
  readonly instances?: number;
  /** Default: Skein's own. */
  readonly accept?: AcceptMode;
  /** Further flags of `start`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly load?: Partial<LoadProfile>;
  /** No diagnostics on stderr when it fails: for the test that wants it to fail. */
  readonly quiet?: boolean;
  /** What happens under load. */
  act(scene: Scene): Promise<void>;
  /** A loss that the scenario allows; default none. */
  permits?(loss: Loss): boolean;
}

const summary = (tally: Tally): string =>
  JSON.stringify({ ...tally, losses: tally.losses.slice(0, 12) }, null, 1);

/** Runs the scenario; fails unless 0 requests (or only permitted ones) were lost. */
export const noRequestLost = (scenario: Scenario): Promise<Tally> =>
  withSkein(async (skein) => {
    const app = 'app';
    const port = await freePort();
    const script = scenario.script.startsWith('/') ? scenario.script : fixture(scenario.script);
    const accept = scenario.accept === undefined ? [] : ['--accept', scenario.accept];
    await skein.ok(
      [
        'start',
        script,
        '--name',
        app,
        '--instances',
        String(scenario.instances ?? 4),
        ...accept,
        ...(scenario.flags ?? []),
      ],
      { env: { PORT: String(port), ...scenario.env } },
    );
    const load = await startLoad({ port, ...scenario.load });
    let tally: Tally;
    try {
      await load.answered(100);
      await scenario.act({ skein, load, port, app });
      await load.answered(100);
    } finally {
      tally = await load.stop();
    }
    const permitted = tally.losses.filter((loss) => scenario.permits?.(loss) ?? false).length;
    assert.equal(lost(tally) - permitted, 0, `requests were lost: ${summary(tally)}`);
    assert.ok(tally.outcomes.ok > 200, `hardly any load: ${summary(tally)}`);
    return tally;
  }, scenario.quiet === true);
