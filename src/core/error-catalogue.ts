/**
 * The catalogue of everything Skein can say went wrong. One entry per code: the process exit code
 * the CLI ends with, the HTTP status the control API answers with, and how the two sentences read:
 * what happened to whom, and what to do. `docs/errors.md` is kept equal to it by a test.
 */

import { type AppErrorCode, appErrors } from './app-error-catalogue.ts';
import { type BalanceErrorCode, balanceErrors } from './balance-error-catalogue.ts';

export type ExitName =
  | 'ok'
  | 'internal'
  | 'usage'
  | 'notFound'
  | 'appFailed'
  | 'unreachable'
  | 'permission'
  | 'conflict'
  | 'timeout';

/** What the CLI exits with. The table users read is in `docs/errors.md`. */
export const exitCodes: Readonly<Record<ExitName, number>> = {
  ok: 0,
  internal: 1,
  usage: 2,
  notFound: 3,
  appFailed: 4,
  unreachable: 5,
  permission: 6,
  conflict: 7,
  timeout: 8,
};

export interface CatalogueEntry {
  readonly exit: ExitName;
  readonly status: number;
  /** `{name}` is replaced by the detail of that name. */
  readonly message: string;
  readonly fix: string;
}

const entry = (exit: ExitName, status: number, message: string, fix: string): CatalogueEntry => ({
  exit,
  status,
  message,
  fix,
});

/** Every code of the catalogue. */
export type ErrorCode =
  | AppErrorCode
  | BalanceErrorCode
  | 'E_INTERNAL'
  | 'E_USAGE'
  | 'E_BAD_VALUE'
  | 'E_BAD_REQUEST'
  | 'E_TARGET_REQUIRED'
  | 'E_BAD_PATTERN'
  | 'E_BAD_SIGNAL'
  | 'E_UNKNOWN_APP'
  | 'E_UNKNOWN_UPSTREAM'
  | 'E_NOT_BALANCED'
  | 'E_NO_SCRIPT'
  | 'E_BAD_SCRIPT'
  | 'E_NO_INTERPRETER'
  | 'E_BAD_CWD'
  | 'E_NO_SUPERVISOR'
  | 'E_SUPERVISOR_GONE'
  | 'E_START_FAILED'
  | 'E_HOLDER_GONE'
  | 'E_PROTOCOL'
  | 'E_PERMISSION'
  | 'E_HOME'
  | 'E_HOME_TAKEN'
  | 'E_APP_EXISTS'
  | 'E_APP_STOPPED'
  | 'E_BUSY'
  | 'E_NO_PREVIOUS'
  | 'E_ADDRESS_IN_USE'
  | 'E_NOT_READY'
  | 'E_WORKER_EXITED'
  | 'E_SPAWN'
  | 'E_ABANDONED'
  | 'E_NO_CONFIG'
  | 'E_CONFIG'
  | 'E_CONFIG_KEY'
  | 'E_CONFIG_VALUE'
  | 'E_NO_PROFILE'
  | 'E_ENV_FILE'
  | 'E_DEPENDS_ON'
  | 'E_DEPENDENCY'
  | 'E_BALANCER_REFUSED'
  | 'E_HOOK'
  | 'E_CRON'
  | 'E_WATCH'
  | 'E_USER'
  | 'E_USER_FILES'
  | 'E_LOG_FILE'
  | 'E_NOTHING_SAVED'
  | 'E_UPGRADE'
  | 'E_STARTUP'
  | 'E_NOT_ENABLED'
  | 'E_NO_PM2'
  | 'E_PM2_DUMP'
  | 'E_UNSUPPORTED'
  | 'E_TIMEOUT';

export const catalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = {
  E_INTERNAL: entry(
    'internal',
    500,
    'Skein failed in a way it should not: {reason}',
    'Please report this with the supervisor log ({log}).',
  ),
  E_USAGE: entry('usage', 400, '{reason}', 'See `{command} --help`.'),
  E_BAD_VALUE: entry('usage', 400, '{option}: {value} is not {expected}.', 'For example: {example}.'),
  E_BAD_REQUEST: entry(
    'usage',
    400,
    'The control API refused the request: {reason}',
    'Check the request against docs/architecture.md; the CLI and the supervisor may be of different versions (`skein ping`).',
  ),
  E_TARGET_REQUIRED: entry(
    'usage',
    400,
    '`skein {command}` needs to know which app.',
    'Name one or more apps or namespaces, `all`, or a `/pattern/`; `skein list` shows them.',
  ),
  E_BAD_PATTERN: entry(
    'usage',
    400,
    '{pattern} is not a regular expression: {reason}',
    "Quote the pattern for your shell, for example '/^api-/'.",
  ),
  E_BAD_SIGNAL: entry(
    'usage',
    400,
    '{signal} is not a signal of this machine.',
    'Use a name such as SIGUSR2, HUP or SIGTERM.',
  ),
  E_UNKNOWN_APP: entry(
    'notFound',
    404,
    'There is no app named {target}.{suggestion}',
    '`skein list` shows what runs; `skein start <script> --name {target}` starts one.',
  ),
  E_UNKNOWN_UPSTREAM: entry(
    'notFound',
    404,
    '{app} has no upstream {upstream}; there is {known}.',
    '`skein balance status {app}` shows them.',
  ),
  E_NOT_BALANCED: entry(
    'usage',
    400,
    '{app} is not balanced: it has no balancer before it, and is none.',
    'Put one before it: `skein reload {app} --balance least-connections`.',
  ),
  E_NO_SCRIPT: entry(
    'notFound',
    400,
    'There is no file {path}.{suggestion}',
    'Check the path; it is looked up from {cwd}.',
  ),
  E_BAD_SCRIPT: entry('usage', 400, '{path} cannot be run: {reason}.', '{hint}'),
  E_NO_INTERPRETER: entry(
    'notFound',
    400,
    'The program {program} was not found.',
    'Install it, or give its full path with --interpreter.',
  ),
  E_BAD_CWD: entry(
    'notFound',
    400,
    'The working directory {cwd} is not a directory.',
    'Give an existing directory with --cwd.',
  ),
  E_NO_SUPERVISOR: entry(
    'unreachable',
    503,
    'Nothing of Skein runs in {home}.',
    '`skein start <script>` starts it. If you use several installations, check SKEIN_HOME.',
  ),
  E_SUPERVISOR_GONE: entry(
    'unreachable',
    503,
    'The supervisor in {home} did not answer: {reason}',
    'It is restarted within a second; try again. If it stays away, read {log}.',
  ),
  E_START_FAILED: entry(
    'unreachable',
    500,
    'Skein could not start its background processes in {home}: {reason}',
    'Read {log}.',
  ),
  E_HOLDER_GONE: entry(
    'unreachable',
    503,
    'The holder (pid {pid}) is gone, so no worker can be started; the workers that run keep serving.',
    '`skein kill` stops them, then start your apps again.',
  ),
  E_PROTOCOL: entry(
    'unreachable',
    409,
    'The {peer} speaks protocol {theirs}, this is {ours}.',
    'Run `skein kill` with the older version, then start your apps again.',
  ),
  E_PERMISSION: entry(
    'permission',
    403,
    'No permission for {path}.',
    'Run the command as the user that started Skein, or set SKEIN_HOME to a directory of your own.',
  ),
  E_HOME: entry(
    'permission',
    500,
    'SKEIN_HOME ({home}) cannot be used: {reason}',
    'Point SKEIN_HOME at a directory you own and can write to, with a short path.',
  ),
  E_HOME_TAKEN: entry(
    'conflict',
    409,
    'Skein runs already in {home}, started by something else.',
    '`skein kill` ends it; its apps are saved and come back with the next start.',
  ),
  E_APP_EXISTS: entry(
    'conflict',
    409,
    'An app named {app} runs already.',
    '`skein reload {app}` replaces it without downtime; --name starts a second one beside it.',
  ),
  E_APP_STOPPED: entry('conflict', 409, '{app} is stopped.', '`skein start {app}` starts it.'),
  E_BUSY: entry(
    'conflict',
    409,
    '{app}: {verb} is under way since {since}.',
    'Wait for it (`skein events --follow` shows it), then try again.',
  ),
  E_NO_PREVIOUS: entry(
    'conflict',
    409,
    '{app} has no previous generation to go back to.',
    'rollback works after a reload.',
  ),
  E_ADDRESS_IN_USE: entry(
    'conflict',
    409,
    '{app}: {address} is held by {holder}.',
    'Stop the other program or give {app} another port.',
  ),
  E_NOT_READY: entry(
    'appFailed',
    422,
    '{app}: worker {slot} (pid {pid}) was not ready within {timeout}: {waited}.',
    '{hint}',
  ),
  E_WORKER_EXITED: entry(
    'appFailed',
    422,
    '{app}: worker {slot} (pid {pid}) ended before it was ready, with {how}.',
    'Its last output is above; `skein logs {app}` shows more.',
  ),
  E_SPAWN: entry(
    'appFailed',
    422,
    '{app}: worker {slot} could not be started: {reason}',
    'Check that the script and its interpreter exist and may be run.',
  ),
  E_ABANDONED: entry(
    'appFailed',
    500,
    '{app}: {verb} was abandoned: {reason}',
    'The old generation serves; try again.',
  ),
  E_NO_CONFIG: entry(
    'notFound',
    400,
    'There is no config file in {cwd} or a directory above it.',
    'Name one, or write skein.config.ts; docs/config.md shows how.',
  ),
  E_CONFIG: entry('usage', 400, '{file} cannot be used: {reason}', '{hint}'),
  E_CONFIG_KEY: entry(
    'usage',
    400,
    '{place}: there is no setting {key}.{suggestion}',
    'docs/config.md lists all; take it out, or mend its name.',
  ),
  E_CONFIG_VALUE: entry(
    'usage',
    400,
    '{place}: {key} is {value}, which is not {expected}.',
    'For example: {example}.',
  ),
  E_NO_PROFILE: entry(
    'notFound',
    400,
    '{file} has no profile {profile}.{suggestion}',
    'A profile is an `env_{profile}` of at least one app.',
  ),
  E_ENV_FILE: entry(
    'notFound',
    400,
    '{place}: the environment file {file} cannot be read: {reason}.',
    'Check the path; one in a config file is looked up from the directory of that file.',
  ),
  E_DEPENDS_ON: entry(
    'usage',
    400,
    '{place}: {app} cannot depend on {dependency}: {reason}.',
    'Mend or take out that line of dependsOn.',
  ),
  E_BALANCER_REFUSED: entry(
    'appFailed',
    422,
    '{app}: {place}: {reason}.',
    'What ran before goes on. Mend {place}, then try again.',
  ),
  E_DEPENDENCY: entry(
    'conflict',
    409,
    '{app} needs {dependency}, which {reason}.',
    '`skein start {dependency}` first, then {app}.',
  ),
  E_HOOK: entry(
    'appFailed',
    422,
    '{app}: the {hook} hook failed with {how}, so the rollout was stopped.',
    'What it printed is above. The old generation serves; mend the hook and reload again.',
  ),
  E_CRON: entry(
    'usage',
    400,
    '{place}: {expression} is no time for a restart: {reason}.',
    'Write minute, hour, day, month and weekday, for example `0 4 * * *`.',
  ),
  E_WATCH: entry(
    'notFound',
    400,
    '{app}: {path} cannot be watched: {reason}.',
    'Check the paths of `watch`; the app runs without it.',
  ),
  E_USER: entry(
    'permission',
    403,
    '{app} cannot run as {user}: {reason}.',
    'Name a user of this machine, and run Skein as root, or leave the user out.',
  ),
  E_USER_FILES: entry(
    'permission',
    403,
    '{app} is to run as {user}, who has no permission to {what}.',
    '{hint}',
  ),
  E_LOG_FILE: entry(
    'permission',
    403,
    '{app}: the log file {path} cannot be written: {reason}.',
    'Give Skein the right to write there, or name another file.',
  ),
  E_NOTHING_SAVED: entry(
    'notFound',
    404,
    'No apps are saved in {home}.',
    'The list is written whenever apps change; start one first. If you use several installations, check SKEIN_HOME.',
  ),
  E_UPGRADE: entry(
    'conflict',
    409,
    'The supervisor of version {version} did not come up: {reason}. The running one ({running}) goes on.',
    'Read {log}, mend the installation ({file}), then `skein upgrade` again.',
  ),
  E_STARTUP: entry('permission', 403, '{path} cannot be written: {reason}.', '{hint}'),
  E_NOT_ENABLED: entry(
    'unreachable',
    503,
    '{path} is written, but `{command}` failed: {reason}.',
    'Run that command yourself when the service manager runs.',
  ),
  E_NO_PM2: entry(
    'notFound',
    404,
    '{reason}, and there is no {dump}.',
    'Set PM2_HOME, run `pm2 save`, or name a dump file: `skein import pm2 <file>`.',
  ),
  E_PM2_DUMP: entry(
    'usage',
    400,
    '{file} is no list of PM2 apps: {reason}.',
    'Run `pm2 save` again, or name another file.',
  ),
  E_UNSUPPORTED: entry('usage', 400, '{what} is not possible with Skein: {reason}.', '{hint}'),
  ...appErrors,
  ...balanceErrors,
  E_TIMEOUT: entry(
    'timeout',
    504,
    '{what} took longer than {timeout}.',
    'Try again with a longer timeout, or look at `skein events`.',
  ),
};
