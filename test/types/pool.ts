/** The types of `skein/pool` as a user meets them; compiled by `npm run types`, never run. */
import {
  createPool,
  createThreadBudget,
  type Pool,
  processThreadBudget,
  task,
  type Task,
  type ThreadBudget,
  type Timings,
  transfer,
} from '../../src/entry/pool.ts';
import { same } from './same.ts';

type Jobs = typeof import('../fixtures/tasks/jobs.ts');
const file = new URL('../fixtures/tasks/jobs.ts', import.meta.url);

export const results = async (): Promise<void> => {
  const fibonacci = task<Jobs>(file);
  same<typeof fibonacci, Task<(n: number) => number>>(true);
  const n = await fibonacci(5, { timeout: '1s', priority: 'high' });
  same<typeof n, number>(true);

  const swap = task<Jobs, 'swap'>(file, { export: 'swap' });
  const point = await swap({ x: 1, y: 2 }, { signal: AbortSignal.timeout(5) });
  same<typeof point, { readonly x: number; readonly y: number }>(true);

  const bySignature = task<Jobs['swap']>(file, { export: 'swap' });
  same<typeof bySignature, typeof swap>(true);

  const greet = task<Jobs, 'greet'>(file, { export: 'greet' });
  same<Awaited<ReturnType<typeof greet>>, string>(true);
  await greet();
  await greet('Ada', { priority: 'low' });

  const thread = task<Jobs, 'thread'>(file, { export: 'thread', name: 'thread', timeout: 500 });
  await thread();
  await thread(undefined, { timeout: 500 });

  const untyped = task(file);
  const unknown = await untyped('anything');
  same<typeof unknown, unknown>(true);

  const pool: Pool = createPool({ threads: 2, memory: '128M', budget: createThreadBudget(4) });
  await task<Jobs>(file, { pool })(1);

  const budget: ThreadBudget = processThreadBudget();
  same<typeof budget.threads, number>(true);
  createPool({ budget, threads: 1 });
  const { waiting, wait, run } = pool.metrics();
  same<[typeof waiting, typeof wait, typeof run], [number, Timings, Timings]>(true);

  const moved: Uint8Array = transfer(new Uint8Array(5), []);
  await task<Jobs, 'size'>(file, { export: 'size' })(moved, { transfer: [moved.buffer as ArrayBuffer] });
};

export const mistakes = (): void => {
  // @ts-expect-error the input is a number
  void task<Jobs>(file)('five');
  // @ts-expect-error the input is needed
  void task<Jobs>(file)();
  // @ts-expect-error a point needs y
  void task<Jobs, 'swap'>(file, { export: 'swap' })({ x: 1 });
  // @ts-expect-error the type and the value of the export have to agree
  task<Jobs, 'swap'>(file, { export: 'greet' });
  // @ts-expect-error an export that is not the default has to be named
  task<Jobs, 'swap'>(file);
  // @ts-expect-error what is no function is no task
  void task<Jobs, 'notAFunction'>(file, { export: 'notAFunction' })(1);
  // @ts-expect-error a priority is a word
  void task<Jobs>(file)(5, { priority: 3 });
  // @ts-expect-error a duration has a unit
  void task<Jobs>(file)(5, { timeout: 'soon' });
  // @ts-expect-error the result is a number
  const text: Promise<string> = task<Jobs>(file)(5);
  void text;
  // @ts-expect-error what is lent to the process is not for the app to change
  processThreadBudget().resize(5);
  // @ts-expect-error an option that does not exist
  createPool({ maxThreads: 5 });
};
