/** Whether the apps that routes lead to run here. */
import type { AppTarget } from '../config/balance/balancer.ts';
import { unknownTarget } from '../config/balance/balancer.ts';
import { createControlClient } from '../control/client.ts';
import type { SkeinError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { isNothingThere } from './running.ts';

/** Asks what runs only when there is something to find. @param known Names that are known besides. */
export const unknownTargets = async (
  context: Context,
  targets: readonly AppTarget[],
  known: readonly string[],
): Promise<SkeinError[]> => {
  if (targets.length === 0) return [];
  const names = [...known];
  try {
    const { apps } = await createControlClient(context.home).apps([]);
    names.push(...apps.map(({ name }) => name));
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  return targets.filter(({ app }) => !names.includes(app)).map((target) => unknownTarget(target, names));
};
