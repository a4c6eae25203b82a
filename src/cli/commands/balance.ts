/** `skein balance`: a balancer before servers and apps, as an app of its own; again: changes it live. */
import { appTargets } from '../../config/balance/balancer.ts';
import { layOver } from '../../config/draft.ts';
import type { Draft } from '../../config/field.ts';
import { fields } from '../../config/fields.ts';
import type { KeyPath, Place } from '../../config/place.ts';
import { specOfDraft } from '../../config/spec.ts';
import { createControlClient } from '../../control/client.ts';
import { SkeinError } from '../../core/errors.ts';
import type { AppSpec } from '../../protocol/app-spec.ts';
import type { AppView } from '../../protocol/control.ts';
import type { Context, Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { tell, waitFor } from '../follow-operations.ts';
import { planText } from '../output/plan-text.ts';
import { painterFor } from '../output/style.ts';
import { unknownTargets } from '../route-targets.ts';
import { runApps } from '../run-apps.ts';
import { isNothingThere, withSupervisor } from '../running.ts';
import { settingsContext } from '../settings-context.ts';
import { tellUnreachable } from '../unreachable.ts';

export interface BalanceOptions {
  readonly listen?: readonly string[];
  readonly to?: readonly string[];
  readonly route?: readonly string[];
  readonly policy?: string;
  readonly by?: string;
  readonly sticky?: string | true;
  readonly trust?: readonly string[];
  readonly health?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly proxyProtocol?: boolean;
  readonly accessLog?: string;
  readonly name?: string;
  readonly instances?: string;
  readonly foreground?: boolean;
  /** `--no-wait` makes it false. */
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** Loopback: who wants strangers' traffic says so. */
const LISTEN = ['127.0.0.1:8080'];

/** Settings of `balancer` and the options that say them. */
const OPTIONS: readonly (readonly [setting: string, flag: string])[] = [
  ['listen', '--listen'],
  ['to', '--to'],
  ['routes', '--route'],
  ['policy', '--policy'],
  ['by', '--by'],
  ['sticky', '--sticky'],
  ['trust', '--trust'],
  ['health', '--health'],
  ['tls', '--tls-cert'],
  ['proxyProtocol', '--proxy-protocol'],
  ['accessLog', '--access-log'],
];

const flagOf = (path: KeyPath): Place =>
  OPTIONS.find(([setting]) => setting === path[0])?.[1] ?? 'skein balance';

const tlsOf = ({ tlsCert, tlsKey }: BalanceOptions): unknown => {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new SkeinError('E_USAGE', {
      reason: '--tls-cert and --tls-key go together: a certificate and its key.',
      command: 'skein balance',
    });
  return tlsCert === undefined ? undefined : { cert: tlsCert, key: tlsKey };
};

const specFor = (context: Context, options: BalanceOptions): AppSpec => {
  if (options.to === undefined && options.route === undefined)
    throw new SkeinError('E_USAGE', {
      reason: 'balance needs to know where requests go: --to <address>, or --route.',
      command: 'skein balance',
    });
  const settings = settingsContext(context);
  const { listen = LISTEN, route, ...rest } = options;
  const written: Readonly<Record<string, unknown>> = { ...rest, listen, routes: route, tls: tlsOf(options) };
  let draft: Draft = {};
  for (const [setting, flag] of OPTIONS) {
    const value = written[setting];
    const field = fields.balancer.fields?.[setting];
    if (value !== undefined && field !== undefined) draft = layOver(draft, field.read(value, flag, settings));
  }
  const { name, instances } = options;
  if (name !== undefined) draft = layOver(draft, fields.name.read(name, '--name', settings));
  if (instances !== undefined)
    draft = layOver(draft, fields.instances.read(instances, '--instances', settings));
  const { balancer = {}, script: _, ...more } = draft;
  return specOfDraft({ ...more, balancer, args: [] }, {}, settings, (path) => flagOf(path.slice(1)));
};

/** What runs of that name, if anything does. */
const running = async (context: Context, name: string): Promise<AppView | undefined> => {
  try {
    const { apps } = await createControlClient(context.home).apps([]);
    return apps.find((app) => app.name === name);
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
};

const check = async (context: Context, { name, script, balancer }: AppSpec): Promise<void> => {
  if (balancer === null) return;
  const [problem] = await unknownTargets(context, appTargets(balancer, flagOf), []);
  if (problem !== undefined) throw problem;
  const before = await running(context, name);
  if (before !== undefined && before.script !== script) throw new SkeinError('E_APP_EXISTS', { app: name });
};

const startOrChange = async (context: Context, spec: AppSpec, options: BalanceOptions): Promise<number> => {
  const request = { apps: [{ spec, autostart: true }], stop: 'none', atLeast: null, dryRun: false } as const;
  const { plan, operations } = await withSupervisor(context, (client) => client.apply(request));
  const isJson = options.json === true;
  if (!isJson) print(context.stdout, planText({ plan, leftAlone: [] }, painterFor(context.stdout)));
  const waits = options.wait !== false && operations.length > 0;
  const ended = waits ? await waitFor(context, createControlClient(context.home), operations) : operations;
  if (isJson) printJson(context.stdout, { version: 1, plan, operations: ended });
  if (!waits) return 0;
  const told = isJson ? ended.filter(({ state }) => state === 'failed') : ended;
  return tell(context, told, isJson ? context.stderr : context.stdout);
};

export const run: Run<BalanceOptions> = async (context, _words, options) => {
  const spec = specFor(context, options);
  await check(context, spec);
  if (spec.balancer !== null) await tellUnreachable(context, spec.balancer);
  if (options.foreground === true) return await runApps(context, [{ spec, autostart: true }]);
  return await startOrChange(context, spec, options);
};
