/** A known app's spec with a patch laid over it. */
import type { AppSpec, CronRestart, WatchSettings } from '../protocol/app-spec.ts';
import type { SpecPatch } from '../protocol/control.ts';
import { balanceWith } from './balance/settle.ts';

/** What holds where `watch` says nothing else. */
const watchOf = (cwd: string): WatchSettings => ({ paths: [cwd], ignore: [], delayMs: 500 });

const patchedCron = (before: CronRestart | null, patch: Partial<CronRestart>): CronRestart | null => {
  const expression = patch.expression ?? before?.expression;
  return expression === undefined ? null : { timeZone: null, ...before, ...patch, expression };
};

export const applyPatch = (spec: AppSpec, patch: SpecPatch): AppSpec => {
  const { restart, logs, watch, cron, hooks, balance, setEnv, env = spec.env, ...rest } = patch;
  return {
    ...spec,
    ...rest,
    env: setEnv === undefined ? env : { ...env, ...setEnv },
    restart: { ...spec.restart, ...restart },
    logs: { ...spec.logs, ...logs, rotation: { ...spec.logs.rotation, ...logs?.rotation } },
    watch:
      watch === undefined || watch === null
        ? watch === null
          ? null
          : spec.watch
        : { ...watchOf(rest.cwd ?? spec.cwd), ...spec.watch, ...watch },
    cron: cron === undefined ? spec.cron : cron === null ? null : patchedCron(spec.cron, cron),
    hooks: { ...spec.hooks, ...hooks },
    balance:
      balance === undefined || balance === null
        ? balance === null
          ? null
          : spec.balance
        : balanceWith(spec.balance, balance),
  };
};
