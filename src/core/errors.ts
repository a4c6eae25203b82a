/** Errors of the catalogue, thrown and carried between processes. */
import type { ErrorCode } from './error-catalogue.ts';
import { catalogue, exitCodes } from './error-catalogue.ts';

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
