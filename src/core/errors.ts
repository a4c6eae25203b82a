/**
 * The catalogue of everything Skein can say went wrong. One entry per code: the process exit code
 * the CLI ends with, the HTTP status the control API answers with, and how the two sentences read:
 * what happened to whom, and what to do. `docs/errors.md` is kept equal to it by a test.
 */

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
  | 'E_INTERNAL'
  | 'E_USAGE'
  | 'E_BAD_VALUE'
  | 'E_BAD_REQUEST'
  | 'E_TARGET_REQUIRED'
  | 'E_BAD_PATTERN'
  | 'E_BAD_SIGNAL'
  | 'E_UNKNOWN_APP'
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
  | 'E_APP_EXISTS'
  | 'E_APP_STOPPED'
  | 'E_BUSY'
  | 'E_NO_PREVIOUS'
  | 'E_ADDRESS_IN_USE'
  | 'E_NOT_READY'
  | 'E_WORKER_EXITED'
  | 'E_SPAWN'
  | 'E_ABANDONED'
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
    'Name one or more apps, `all`, or a `/pattern/`; `skein list` shows them.',
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
  E_TIMEOUT: entry(
    'timeout',
    504,
    '{what} took longer than {timeout}.',
    'Try again with a longer timeout, or look at `skein events`.',
  ),
};

/** How an error crosses a process boundary: plain data, never a stack. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
  /** The last lines a failed worker printed, where that says why. */
  readonly output?: string;
}

const fill = (text: string, details: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => details[name] ?? whole);

/** An error of the catalogue. `message` says what happened to whom, `fix` what to do. */
export class SkeinError extends Error {
  override readonly name = 'SkeinError';
  readonly code: ErrorCode;
  readonly fix: string;
  readonly output: string | undefined;

  constructor(
    code: ErrorCode,
    details: Readonly<Record<string, string>> = {},
    options: { cause?: unknown; output?: string } = {},
  ) {
    super(
      fill(catalogue[code].message, details),
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.fix = fill(catalogue[code].fix, details);
    this.output = options.output;
  }

  get exitCode(): number {
    return exitCodes[catalogue[this.code].exit];
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  toData(): ErrorData {
    const { code, message, fix, output } = this;
    return output === undefined ? { code, message, fix } : { code, message, fix, output };
  }

  /** The other side of `toData`: an error that came over the control API. */
  static fromData(data: ErrorData): SkeinError {
    const error = new SkeinError(
      data.code in catalogue ? data.code : 'E_INTERNAL',
      {},
      data.output === undefined ? {} : { output: data.output },
    );
    return Object.assign(error, { message: data.message, fix: data.fix });
  }
}

/** Any thrown value as a `SkeinError`; what is not one of ours is E_INTERNAL. */
export const asSkeinError = (error: unknown, log = 'supervisor.log'): SkeinError =>
  error instanceof SkeinError
    ? error
    : new SkeinError(
        'E_INTERNAL',
        { reason: error instanceof Error ? error.message : String(error), log },
        { cause: error },
      );
