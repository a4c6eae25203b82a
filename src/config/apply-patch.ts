/** A known app's spec with a patch laid over it. */
import type { AppSpec } from '../protocol/app-spec.ts';
import type { SpecPatch } from '../protocol/control.ts';

export const applyPatch = (spec: AppSpec, patch: SpecPatch): AppSpec => {
  const { restart, setEnv, env = spec.env, ...rest } = patch;
  return {
    ...spec,
    ...rest,
    env: setEnv === undefined ? env : { ...env, ...setEnv },
    restart: { ...spec.restart, ...restart },
  };
};
