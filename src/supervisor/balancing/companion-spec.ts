/**
 * The balancer of one app, as an app of its own: its companion. It is derived from the app's settings, so
 * nobody stores, starts or stops it by itself. Pure.
 */
import { defaults } from '../../config/defaults.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';

/** Stands for the script of every balancer; where it is, is found when it is launched. */
export const BALANCER_SCRIPT = 'skein:balancer';

/** A name that no user can give: theirs have no colon. */
export const companionName = (app: string): string => `${app}:balancer`;

/** The app that a balancer was derived from; null: it is the user's own, or no balancer. */
export const frontOf = ({ balancer }: Pick<AppSpec, 'balancer'>): string | null => balancer?.frontOf ?? null;

/** What a balancer may need of the app's environment: where certificates and programs are, and the time. */
const INHERITED = ['PATH', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'];

const inherited = ({ shellEnv, env }: AppSpec): Record<string, string> => {
  const all = { ...shellEnv, ...env };
  return Object.fromEntries(INHERITED.flatMap((name) => (name in all ? [[name, all[name]!]] : [])));
};

/** null: the app has no balancer of its own. */
export const companionOf = (spec: AppSpec): AppSpec | null => {
  const front = spec.balance?.front ?? null;
  if (front === null) return null;
  const { workers, tls: _, ...settings } = front;
  return {
    ...defaults,
    name: companionName(spec.name),
    script: BALANCER_SCRIPT,
    args: [],
    cwd: spec.cwd,
    shellEnv: inherited(spec),
    env: {},
    namespace: spec.namespace,
    source: spec.source,
    kind: 'node',
    // Skein's own Node, whichever the app has.
    interpreter: null,
    instances: workers,
    accept: 'shared',
    ready: { kind: 'message' },
    drainTimeoutMs: spec.drainTimeoutMs,
    killTimeoutMs: spec.killTimeoutMs,
    // It begins when there is somebody behind it, and ends before them.
    dependsOn: [{ app: spec.name, condition: 'started' }],
    logs: { ...spec.logs, out: null, err: null, combined: null },
    balancer: { ...settings, frontOf: spec.name, listen: [], routes: [], pools: {} },
  };
};
