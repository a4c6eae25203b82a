/** Runs many cases: over several lanes side by side, in each lane one after the other. */
import type { Case, Setup } from './case.ts';
import { judge } from './judge.ts';
import type { Lane, Seen } from './observe.ts';
import { observe } from './observe.ts';
import type { Balancer } from './skein.ts';
import { balancer } from './skein.ts';

/** What was seen of each, by the name of the case. */
export const runOver = async (lanes: readonly Lane[], cases: readonly Case[]): Promise<Map<string, Seen>> => {
  const seen = new Map<string, Seen>();
  const rest = [...cases];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let one = rest.shift(); one !== undefined; one = rest.shift())
        seen.set(one.name, await observe(lane, one));
    }),
  );
  return seen;
};

export const setupOf = (one: Case): Setup => one.setup ?? 'plain';

/** Runs them through our balancer, each under its setup; `lane`: which way they come in. */
export const runOurs = async (
  cases: readonly Case[],
  lane: 'plain' | 'tls' = 'plain',
): Promise<Map<string, Seen>> => {
  const setups = [...new Set(cases.map(setupOf))];
  const all = new Map<string, Seen>();
  await Promise.all(
    setups.map(async (setup) => {
      const ours: Balancer = await balancer(setup);
      try {
        const mine = cases.filter((one) => setupOf(one) === setup);
        for (const [name, seen] of await runOver([ours[lane]], mine)) all.set(name, seen);
      } finally {
        await ours.stop();
      }
    }),
  );
  return all;
};

/** What is wrong, as text for people; empty: nothing. */
export const complaints = (cases: readonly Case[], seen: ReadonlyMap<string, Seen>): string =>
  cases
    .flatMap((one) => {
      const what = seen.get(one.name);
      const wrong = what === undefined ? ['did not run'] : judge(one, what);
      return wrong.length === 0 ? [] : [`${one.name} (${one.why})`, ...wrong.map((line) => `    ${line}`)];
    })
    .join('\n');
