/** What operators see of a balancer and command of its upstreams, over the death of a supervisor and a reload. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BalancerList, BalancerView } from '../../src/protocol/balancer-view.ts';
import { freePort } from '../support/ports.ts';
import type { Skein } from '../support/skein.ts';
import { fixture, withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'json.md'), 'utf8');

const documented = (): string[] => {
  const [, section = ''] = page.split('## `balance status --json`\n');
  const [table = ''] = section.split('\n`balance drain`');
  return [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field),
  );
};

/** `availability`, `byCommand`, `refused` and `totals` are told as one. */
const WHOLE = new Set(['availability', 'byCommand', 'refused', 'totals']);
const fieldsOf = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value))
    return value.flatMap((item) => (typeof item === 'object' ? fieldsOf(item, `${path}[]`) : [`${path}[]`]));
  return Object.entries(value as object).flatMap(([key, item]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return typeof item === 'object' && item !== null && !WHOLE.has(key) ? fieldsOf(item, at) : [at];
  });
};

const status = async (skein: Skein): Promise<BalancerView> => {
  const { stdout } = await skein.ok(['balance', 'status', 'api', '--json']);
  const [view] = (JSON.parse(stdout) as BalancerList).balancers;
  return view!;
};

/** State, weight and requests of each slot, once the balancer goes by the newest settings and has told of so many. */
const told = async (skein: Skein, requests = 0): Promise<(readonly [string, number, number])[]> =>
  await until('the balancer has told', async () => {
    const { pools, workers, revision, totals } = await status(skein);
    if (workers.length === 0 || workers.some((worker) => worker.revision < revision)) return null;
    if ((totals?.requests ?? -1) < requests) return null;
    return pools[0]!.upstreams.map((one) => [one.state, one.weight, one.requests] as const);
  });

test('an upstream is taken out, weighed and brought back by command', { timeout: 60_000 }, () =>
  withSkein(async (skein) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const ask = async (times: number): Promise<void> => {
      for (let nth = 0; nth < times; nth += 1) assert.equal((await fetch(url)).status, 200);
    };
    const env = { PORT: String(port) };
    const flags = ['-n', 'api', '-i', '2', '--balance', 'round-robin'];
    await skein.ok(['start', fixture('http.js'), ...flags], { env });

    await skein.ok(['balance', 'drain', 'api', '1']);
    await told(skein);
    await ask(6);
    assert.deepEqual(await told(skein, 6), [
      ['up', 1, 6],
      ['draining', 1, 0],
    ]);
    const text = await skein.ok(['balance', 'status', 'api']);
    assert.match(text.stdout, /api\/1 +draining .*draining\n/);
    const metrics = await skein.ok(['balance', 'status', '--prometheus']);
    assert.match(metrics.stdout, /^skein_balancer_requests_total\{balancer="api:balancer"} 6$/m);

    const { supervisor } = await skein.ping();
    process.kill(supervisor.pid, 'SIGKILL');
    await until('the next supervisor', async () => {
      const now = await skein.ping().catch(() => null);
      return now !== null && now.supervisor.pid !== supervisor.pid;
    });
    // What was counted is told to the next one too.
    assert.deepEqual(await told(skein, 6), [
      ['up', 1, 6],
      ['draining', 1, 0],
    ]);

    await skein.ok(['reload', 'api']);
    await skein.ok(['balance', 'weight', 'api', '0', '3']);
    assert.deepEqual(
      (await told(skein)).map(([state, weight]) => [state, weight]),
      [
        ['up', 3],
        ['draining', 1],
      ],
    );
    await skein.ok(['balance', 'ready', 'api', 'api/1']);
    await told(skein);
    await ask(8);
    assert.deepEqual(await told(skein, 14), [
      ['up', 3, 6],
      ['up', 1, 2],
    ]);
    const { stdout } = await skein.ok(['balance', 'status', '--json']);
    assert.deepEqual([...new Set(fieldsOf(JSON.parse(stdout)))].toSorted(), documented().toSorted());
    const events = await skein.ok(['events']);
    assert.match(events.stdout, /api\/1 gets nothing new but its sessions, by command/);
    const unknown = await skein.run(['balance', 'drain', 'api', '7']);
    assert.equal(unknown.code, 3);
  }),
);
