/** What skein-pm2 prints beside data: scripts look for these beginnings of lines. */
import type { Context } from '../context.ts';
import { print } from '../context.ts';
import { asSkeinError } from '../../core/errors.ts';

export interface Voice {
  /** To stdout, where PM2's own messages go. */
  say(text: string): void;
  warn(text: string): void;
  /** To stderr. */
  error(text: string): void;
}

export const createVoice = (context: Context, silent: boolean): Voice => ({
  say: (text) => {
    if (!silent) print(context.stdout, `[PM2] ${text}`);
  },
  warn: (text) => {
    if (!silent) print(context.stderr, `[PM2][WARN] ${text}`);
  },
  error: (text) => print(context.stderr, `[PM2][ERROR] ${text}`),
});

/** An error of Skein's in PM2's form; the exit code is PM2's only one. */
export const tellFailure = (context: Context, voice: Voice, thrown: unknown): 1 => {
  const error = asSkeinError(thrown, context.home.supervisorLog);
  const output = error.output?.trimEnd() ?? '';
  if (output !== '') print(context.stderr, output);
  voice.error(`${error.message}${error.fix === '' ? '' : `\n  ${error.fix}`}`);
  return 1;
};
