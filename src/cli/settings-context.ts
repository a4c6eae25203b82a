/** What written settings are read against. */
import type { SettingsContext } from '../config/settings.ts';
import { availableCpus } from '../os/cpus.ts';
import type { Context } from './context.ts';

export const settingsContext = ({ cwd, env }: Context): SettingsContext => ({
  cwd,
  env,
  cpus: availableCpus(),
});
