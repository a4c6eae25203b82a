/** `skein apply`: what runs becomes equal to a config file. */
import { SkeinError } from '../../core/errors.ts';
import type { ApplyFileOptions } from '../apply-file.ts';
import { applyFile } from '../apply-file.ts';
import type { Run } from '../context.ts';

export interface ApplyOptions extends ApplyFileOptions {
  /** Leave apps that are no longer in the file. */
  readonly keep?: boolean;
  /** Stop every app that is not in the file, wherever it came from. */
  readonly all?: boolean;
}

export const run: Run<ApplyOptions> = async (context, [file], options) => {
  const { keep = false, all = false, ...rest } = options;
  if ((keep && all) || (all && options.only !== undefined)) {
    throw new SkeinError('E_USAGE', {
      reason: `--all stops what is not in the file, and ${keep ? '--keep' : '--only'} leaves it.`,
      command: 'skein apply',
    });
  }
  return await applyFile(context, file, rest, {
    stop: keep ? 'none' : all ? 'all' : 'source',
    atLeast: null,
  });
};
