/** What commands do with the balancers that stand before apps. Pure. */
import { SkeinError } from '../../core/errors.ts';
import type { OperationRequest } from '../../protocol/control.ts';
import type { Target } from '../targets.ts';
import { companionName } from './companion-spec.ts';

const SUFFIX = companionName('');

const appOf = (name: string): string | null => (name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null);

/**
 * Its own name means a balancer; what means its app as well (`all`, a namespace) means the app.
 * @throws SkeinError E_UNSUPPORTED for what is done to both of them or to none
 */
export const withoutCompanions = (
  targets: readonly Target[],
  { verb, targets: asked }: Pick<OperationRequest, 'verb' | 'targets'>,
): readonly Target[] => {
  const names = new Set(targets.map(({ name }) => name));
  const left = targets.filter(({ name }) => {
    const app = appOf(name);
    return app === null || asked.includes(name) || !names.has(app);
  });
  for (const { name } of left) {
    const app = appOf(name);
    if (app === null || verb === 'reload' || verb === 'restart') continue;
    throw new SkeinError('E_UNSUPPORTED', {
      what: `\`${verb}\` of the balancer of ${app}`,
      reason: 'it comes and goes with its app, and has the settings that its app gives it',
      hint: `Name the app: \`skein ${verb} ${app}\`. How many workers its balancer has is \`balance.workers\` in the config.`,
    });
  }
  return left;
};
