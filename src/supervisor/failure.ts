/** Why a worker that was needed did not come up, as an error of the catalogue. */
import { formatDuration } from '../core/duration.ts';
import type { ErrorData } from '../core/errors.ts';
import { SkeinError } from '../core/errors.ts';
import type { Exit } from '../protocol/holder.ts';
import type { Waited } from './readiness.ts';
import { waitedFor, waitedForHealth } from './readiness.ts';
import { describeExit } from './restart-policy.ts';
import type { WorkerHandle } from './worker-handle.ts';
import { isHealthy } from './worker-health.ts';

export type Failure =
  | { readonly kind: 'exited'; readonly exit: Exit }
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'spawn'; readonly reason: string }
  /** It was not even tried. */
  | { readonly kind: 'refused'; readonly error: ErrorData };

const who = ({ tag, pid }: WorkerHandle): Record<string, string> => ({
  app: tag.app,
  slot: String(tag.slot),
  pid: String(pid ?? 'none'),
});

const ENUM_HINT =
  'Node strips types and runs the rest: enums, namespaces and parameter properties need `--node-args=--experimental-transform-types` where that Node has it, or a build step.';

/** Nothing hands the sockets of a program on, so its successor cannot listen beside it. */
const portHint = (app: string): string =>
  `It is no Node program, so old and new cannot share a port: \`skein restart ${app}\` ends the old one first. If another program has the port, stop that or choose another.`;

const hintFor = ({ spec, tag }: WorkerHandle, output: string): string | null => {
  if (output.includes('ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX')) return ENUM_HINT;
  // In the words of Node, of libc (Python, Ruby, nginx) and of Go.
  if (spec.kind === 'program' && /EADDRINUSE|address already in use/i.test(output)) return portHint(tag.app);
  return null;
};

const holderOf = (heldBy: string | null, app: string): string => {
  if (heldBy === null) return 'another program';
  if (heldBy !== app) return `${heldBy}, an app of this Skein`;
  return `its own old generation, which listens in another way (\`skein restart ${app}\` does it)`;
};

const waitedOf = ({ spec, probed, health, readiness }: WorkerHandle): Waited =>
  readiness?.passed === true && !isHealthy(health) ? waitedForHealth(health) : waitedFor(spec.ready, probed);

export const failureOf = (worker: WorkerHandle, failure: Failure): ErrorData => {
  const output = worker.tail.text;
  const options = output === '' ? {} : { output };
  const inUse = worker.bindFailure;
  if (inUse !== null && (failure.kind === 'exited' || failure.kind === 'not-ready')) {
    const holder = holderOf(inUse.heldBy, worker.tag.app);
    return new SkeinError(
      'E_ADDRESS_IN_USE',
      { ...who(worker), address: inUse.address, holder },
      options,
    ).toData();
  }
  switch (failure.kind) {
    case 'refused':
      return failure.error;
    case 'spawn':
      return new SkeinError('E_SPAWN', { ...who(worker), reason: failure.reason }).toData();
    case 'not-ready': {
      const timeout = formatDuration(worker.spec.readyTimeoutMs);
      return new SkeinError(
        'E_NOT_READY',
        { ...who(worker), timeout, ...waitedOf(worker) },
        options,
      ).toData();
    }
    case 'exited': {
      const data = new SkeinError(
        'E_WORKER_EXITED',
        { ...who(worker), how: describeExit(failure.exit) },
        options,
      ).toData();
      const fix = hintFor(worker, output);
      return fix === null ? data : { ...data, fix };
    }
  }
};
