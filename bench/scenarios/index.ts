/** Every scenario, in the order in which they run. */
import { balance } from './balance.ts';
import { balanceEngines } from './balance-engines.ts';
import { boot } from './boot.ts';
import { close } from './close.ts';
import { keepAlive } from './keep-alive.ts';
import { list } from './list.ts';
import { logs } from './logs.ts';
import { memory } from './memory.ts';
import { mixed } from './mixed.ts';
import { reload } from './reload.ts';
import { pool } from './pool.ts';
import { state } from './state.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [
  close,
  keepAlive,
  mixed,
  reload,
  memory,
  boot,
  list,
  pool,
  logs,
  state,
  balance,
  balanceEngines,
];
