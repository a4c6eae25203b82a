/** How a failure reads: the worker's last words, what happened, what to do. Never a stack. */
import type { SkeinError } from '../../core/errors.ts';
import type { Paint } from './style.ts';

/** @param outputIsSeen The worker's output has been on the terminal already, as in `skein run`. */
export const errorText = (error: SkeinError, paint: Paint, outputIsSeen = false): string => {
  const output = error.output?.trimEnd() ?? '';
  return [
    ...(output === '' || outputIsSeen
      ? []
      : output.split('\n').map((line) => `${paint('gray', '  |')} ${line}`)),
    `${paint(['red', 'bold'], 'skein:')} ${error.message}`,
    ...(error.fix === '' ? [] : [`  ${error.fix}`]),
  ].join('\n');
};
