/**
 * What comes over the control socket is checked before anything is done with it: a request of
 * another version, or from a script, is refused with its reason, never half carried out.
 */
import { isAbsolute } from 'node:path';
import { SkeinError } from '../core/errors.ts';
import type { AppSpec } from '../protocol/app-spec.ts';
import type { UpstreamRequest } from '../protocol/balancer-view.ts';
import type {
  ApplyApp,
  ApplyRequest,
  MissingValues,
  FlushRequest,
  OperationRequest,
  ResetRequest,
  SignalRequest,
  StartRequest,
  UpgradeRequest,
} from '../protocol/control.ts';
import { balance, balancePatch, balancer } from './balance-checks.ts';
import type { Check, Fields } from './checks.ts';
import {
  all,
  count,
  duration,
  fields,
  filled,
  flag,
  list,
  object,
  oneOf,
  orNull,
  record,
  some,
  text,
  whole,
} from './checks.ts';

const variables: Check = record(text);
/** A name is part of file names, tables and patterns. */
const appName: Check = (value) =>
  typeof value === 'string' && /^[^\s/\0-][^\s/\0]{0,99}$/.test(value) && value !== 'all';

const ready: Check = (value) => {
  if (!fields(value)) return false;
  const { kind, path, afterMs } = value as Fields;
  if (kind === 'auto') return duration(afterMs);
  return kind === 'http'
    ? typeof path === 'string' && path.startsWith('/')
    : oneOf('listening', 'message', 'started')(kind);
};

const restartFields: Readonly<Record<string, Check>> = {
  auto: flag,
  maxRestarts: orNull((value) => Number.isInteger(value) && (value as number) >= 0),
  stopExitCodes: list((value) => Number.isInteger(value)),
  delayMs: duration,
};

const rotationFields: Readonly<Record<string, Check>> = {
  maxSizeBytes: orNull(count),
  everyMs: orNull(count),
  keep: (value) => Number.isInteger(value) && (value as number) >= 0,
  maxTotalBytes: orNull(count),
  compress: flag,
};
const logFields: Readonly<Record<string, Check>> = {
  enabled: flag,
  out: orNull(filled),
  err: orNull(filled),
  combined: orNull(filled),
  perWorker: flag,
  format: oneOf('plain', 'json'),
  timestamp: orNull(filled),
  rotation: object(rotationFields),
};
const watchFields: Readonly<Record<string, Check>> = {
  paths: list(filled),
  ignore: list(text),
  delayMs: duration,
};
const cronFields: Readonly<Record<string, Check>> = { expression: filled, timeZone: orNull(filled) };
const hookFields: Readonly<Record<string, Check>> = {
  before: orNull(filled),
  after: orNull(filled),
  timeoutMs: duration,
};

const specFields: Readonly<Record<keyof AppSpec, Check>> = {
  name: appName,
  script: filled,
  args: list(text),
  cwd: filled,
  shellEnv: variables,
  env: variables,
  saveSecrets: flag,
  namespace: orNull(filled),
  source: orNull(filled),
  kind: oneOf('node', 'program'),
  interpreter: orNull(filled),
  nodeArgs: list(text),
  instances: (value) => count(value) && (value as number) <= 1024,
  accept: oneOf('per-worker', 'shared'),
  ready,
  readyTimeoutMs: duration,
  stopSignal: filled,
  drainTimeoutMs: duration,
  killTimeoutMs: duration,
  restart: (value) => fields(value) && all(value as Fields, restartFields),
  maxMemoryBytes: orNull(count),
  hangTimeoutMs: orNull(count),
  incrementVar: orNull(filled),
  instanceVar: filled,
  dependsOn: list(object({ app: appName, condition: oneOf('started', 'ready') })),
  logs: object(logFields),
  watch: orNull(object(watchFields)),
  cron: orNull(object(cronFields)),
  hooks: object(hookFields),
  runAs: orNull(object({ user: text, uid: whole, gid: whole })),
  balance: orNull(balance),
  balancer: orNull(balancer),
};

const refuse = (reason: string): never => {
  throw new SkeinError('E_BAD_REQUEST', { reason });
};

const asFields = (value: unknown): Fields =>
  fields(value) ? (value as Fields) : refuse('the body is not an object');

const checkFields = (value: Fields, checks: Readonly<Record<string, Check>>, where: string): void => {
  for (const name of Object.keys(value))
    if (!Object.hasOwn(checks, name)) refuse(`${where}.${name} is not known`);
  for (const [name, check] of Object.entries(checks))
    if (Object.hasOwn(value, name) && !check(value[name])) refuse(`${where}.${name} is not valid`);
};

const checkSpec = (value: unknown, where: string): AppSpec => {
  const spec = asFields(value);
  checkFields(spec, specFields, where);
  for (const name of Object.keys(specFields))
    if (!Object.hasOwn(spec, name)) refuse(`${where}.${name} is missing`);
  return spec as unknown as AppSpec;
};

export const checkStart = (value: unknown): StartRequest => ({
  spec: checkSpec(asFields(value)['spec'], 'spec'),
});

const missingValues = object({ env: variables, shellEnv: variables });

const checkApplyApp = (value: unknown, where: string): ApplyApp => {
  const { spec, autostart, missing } = asFields(value);
  if (!flag(autostart)) refuse(`${where}.autostart is not valid`);
  if (missing !== undefined && !missingValues(missing)) refuse(`${where}.missing is not valid`);
  return {
    spec: checkSpec(spec, `${where}.spec`),
    autostart: autostart as boolean,
    ...(missing !== undefined && { missing: missing as MissingValues }),
  };
};

const applyFields: Readonly<Record<keyof ApplyRequest, Check>> = {
  apps: Array.isArray,
  stop: (value) => oneOf('all', 'none')(value) || object({ source: filled })(value),
  atLeast: orNull(oneOf('reload', 'restart')),
  parallel: (value) => value === undefined || count(value),
  updateEnv: (value) => value === undefined || flag(value),
  dryRun: flag,
};

export const checkApply = (value: unknown): ApplyRequest => {
  const request = asFields(value);
  checkFields(request, applyFields, 'apply');
  for (const name of ['apps', 'stop', 'atLeast', 'dryRun'])
    if (!Object.hasOwn(request, name)) refuse(`apply.${name} is missing`);
  const apps = (request['apps'] as unknown[]).map((app, nth) => checkApplyApp(app, `apps[${nth}]`));
  const names = apps.map(({ spec }) => spec.name);
  const twice = names.find((name, nth) => names.indexOf(name) !== nth);
  if (twice !== undefined) refuse(`two of its apps are named ${twice}`);
  return { ...(request as unknown as ApplyRequest), apps };
};

const { name: _name, kind: _kind, ...changeable } = specFields;
const patchFields: Readonly<Record<string, Check>> = {
  ...changeable,
  setEnv: variables,
  restart: some(restartFields),
  logs: some({ ...logFields, rotation: some(rotationFields) }),
  watch: orNull(some(watchFields)),
  cron: orNull(some(cronFields)),
  hooks: some(hookFields),
  balance: orNull(balancePatch),
};

export const checkOperation = (value: unknown): OperationRequest => {
  const request = asFields(value);
  if (!oneOf('start', 'stop', 'restart', 'reload', 'rollback', 'scale', 'delete')(request['verb']))
    refuse('verb is not known');
  if (!list(filled)(request['targets']) || (request['targets'] as unknown[]).length === 0)
    refuse('targets is not a list of names');
  if (request['verb'] === 'scale' && !filled(request['to'])) refuse('to is missing');
  if (request['parallel'] !== undefined && !count(request['parallel']))
    refuse('parallel is not a number of workers');
  if (request['patch'] !== undefined) checkFields(asFields(request['patch']), patchFields, 'patch');
  return request as unknown as OperationRequest;
};

export const checkFlush = (value: unknown): FlushRequest => {
  const request = asFields(value);
  if (!list(filled)(request['targets'])) refuse('targets is not a list of names');
  return request as unknown as FlushRequest;
};

export const checkReset = (value: unknown): ResetRequest => {
  const request = asFields(value);
  if (!list(filled)(request['targets'])) refuse('targets is not a list of names');
  return request as unknown as ResetRequest;
};

export const checkSignal = (value: unknown): SignalRequest => {
  const request = asFields(value);
  if (!list(filled)(request['targets']) || (request['targets'] as unknown[]).length === 0)
    refuse('targets is not a list of names');
  if (!filled(request['signal'])) refuse('signal is missing');
  return request as unknown as SignalRequest;
};

const absolute: Check = (value) => filled(value) && isAbsolute(value as string);

export const checkUpgrade = (value: unknown): UpgradeRequest => {
  const request = asFields(value);
  for (const [name, check] of Object.entries({ node: absolute, file: absolute, version: filled }))
    if (!check(request[name])) refuse(`${name} is not valid`);
  return request as unknown as UpgradeRequest;
};

const upstreamFields: Readonly<Record<keyof UpstreamRequest, Check>> = {
  app: filled,
  upstream: filled,
  state: oneOf('up', 'draining', 'maintenance'),
  weight: orNull((value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1000),
};

export const checkUpstream = (value: unknown): UpstreamRequest => {
  const request = asFields(value);
  checkFields(request, upstreamFields, 'upstream');
  for (const name of ['app', 'upstream'])
    if (!Object.hasOwn(request, name)) refuse(`upstream.${name} is missing`);
  return request as unknown as UpstreamRequest;
};
