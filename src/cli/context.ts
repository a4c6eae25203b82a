/** What a command knows of the world around it. */
import type { Home } from '../os/home.ts';

/** The part of a stdout or stderr that commands use. */
export interface Output {
  readonly isTTY?: boolean;
  /** Of the terminal; undefined when it is none. */
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Context {
  readonly home: Home;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Where relative paths start; symbolic links as the user sees them. */
  readonly cwd: string;
  /** Data. */
  readonly stdout: Output;
  /** Messages and progress. */
  readonly stderr: Output;
  /** What stands behind `--`; undefined when there was none. */
  readonly appArgs: readonly string[] | undefined;
}

/** A command: resolves with the exit code, rejects with a SkeinError. */
export type Run<Options> = (context: Context, args: readonly string[], options: Options) => Promise<number>;

export const print = (output: Output, text: string): void => {
  output.write(`${text}\n`);
};

export const printJson = (output: Output, value: unknown): void => {
  output.write(`${JSON.stringify(value)}\n`);
};
