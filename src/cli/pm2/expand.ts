/** PM2's targets that Skein itself does not have. Pure. */
import { resolve } from 'node:path';
import type { AppDetails } from '../../protocol/control.ts';

type Known = Pick<AppDetails, 'name' | 'namespace' | 'script'>;

/**
 * What Skein knows a target by. `default` is PM2's namespace of all apps that have none, and a
 * script stands for the apps that run it, under whatever names.
 */
export const expand = (target: string, apps: readonly Known[], cwd: string): readonly string[] => {
  if (apps.some(({ name, namespace }) => name === target || namespace === target)) return [target];
  if (target === 'default') return apps.filter(({ namespace }) => namespace === null).map(({ name }) => name);
  const path = resolve(cwd, target);
  const running = apps.filter(({ script }) => script === path).map(({ name }) => name);
  return running.length === 0 ? [target] : running;
};
