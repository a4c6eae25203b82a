/** `skein env`: the environment with which the next worker of an app starts. */
import { isSecret } from '../../config/secret-names.ts';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { requireTargets } from '../run-operation.ts';

export interface EnvOptions {
  /** Secret-looking values too. */
  readonly show?: boolean;
  readonly json?: boolean;
}

const MASK = '********';

export const run: Run<EnvOptions> = async (context, targets, options) => {
  requireTargets('env', targets);
  const { apps } = await createControlClient(context.home).environments(targets);
  const masked = apps.map(({ name, env }) => ({
    name,
    env: Object.fromEntries(
      Object.entries(env)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, options.show !== true && isSecret(key, value) ? MASK : value]),
    ),
  }));
  if (options.json === true) {
    printJson(context.stdout, { version: 1, apps: masked });
    return 0;
  }
  for (const { name, env } of masked) {
    if (masked.length > 1) print(context.stdout, `# ${name}`);
    for (const [key, value] of Object.entries(env)) print(context.stdout, `${key}=${value}`);
  }
  return 0;
};
