/** The environment of an app's own processes: its workers and its hooks. */
import { findUser } from '../os/users.ts';
import { isSelf } from '../os/switch-user.ts';
import type { AppSpec, RunAs } from '../protocol/app-spec.ts';

/** What a login as that user would set. */
const identity = (runAs: RunAs | null): Record<string, string> => {
  if (runAs === null || isSelf(runAs)) return {};
  const { user } = runAs;
  return { HOME: findUser(user)?.home ?? '/', USER: user, LOGNAME: user };
};

/**
 * Where apps of this home share state, as src/state/state-url.ts reads it: each in a store of its own.
 * `createState()` takes it up, in workers, in their threads and child processes, and in hooks.
 */
const stateUrl = (stateSocket: string, app: string): string =>
  `embedded:${encodeURIComponent(stateSocket)}?store=${encodeURIComponent(app)}`;

/** What Skein says, what the app inherits, who it runs as, what was declared: the later wins. */
export const appEnv = (
  { shellEnv, env, runAs, name, balancer }: AppSpec,
  stateSocket: string,
): Record<string, string> => ({
  // What an app shares decides about its requests, too.
  SKEIN_STATE: stateUrl(stateSocket, balancer?.frontOf ?? name),
  ...shellEnv,
  ...identity(runAs),
  ...env,
  SKEIN_APP: name,
});
