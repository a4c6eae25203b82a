/** From the words of the command line to an exit code. */
import { exitCodes } from '../core/error-catalogue.ts';
import { asSkeinError } from '../core/errors.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';
import { fromPm2Words } from './pm2-words.ts';
import { quickCommand } from './quick.ts';

/** Commands whose arguments behind `--` are the app's. */
const withAppArgs = new Set(['start', 'run', 'restart', 'reload']);

interface Words {
  readonly own: readonly string[];
  readonly appArgs: readonly string[] | undefined;
}

/** Splits at the first `--`, before commander sees it: it would mix both sides. */
const splitWords = (words: readonly string[]): Words => {
  const at = words.indexOf('--');
  const command = words.find((word) => !word.startsWith('-'));
  if (at === -1 || command === undefined || !withAppArgs.has(command))
    return { own: words, appArgs: undefined };
  return { own: words.slice(0, at), appArgs: words.slice(at + 1) };
};

const tellError = async (context: Context, thrown: unknown): Promise<number> => {
  const error = asSkeinError(thrown, context.home.supervisorLog);
  const { errorText } = await import('./output/error-text.ts');
  const { painterFor } = await import('./output/style.ts');
  print(context.stderr, errorText(error, painterFor(context.stderr)));
  if (context.env['SKEIN_DEBUG'] === '1') {
    const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
    print(context.stderr, `${error.stack}${cause}`);
  }
  return error.exitCode;
};

/** Runs one command. Never rejects; every failure has been told when it resolves. */
export const main = async (words: readonly string[], context: Omit<Context, 'appArgs'>): Promise<number> => {
  const { own, appArgs } = splitWords(fromPm2Words(words));
  const whole = { ...context, appArgs };
  try {
    const quick = quickCommand(own);
    return quick === null ? await runProgram(own, whole) : await quick(whole);
  } catch (error) {
    return await tellError(whole, error);
  }
};

const runProgram = async (own: readonly string[], context: Context): Promise<number> => {
  const { CommanderError } = await import('commander');
  const { createProgram } = await import('./program.ts');
  let exitCode = exitCodes.ok;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  if (own.length === 0) {
    program.outputHelp({ error: true });
    return exitCodes.usage;
  }
  try {
    await program.parseAsync([...own], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
};
