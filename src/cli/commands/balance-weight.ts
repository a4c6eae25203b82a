/** `skein balance weight`: an upstream gets a greater or smaller share. */
import { SkeinError } from '../../core/errors.ts';
import type { ChangeUpstreamOptions } from '../change-upstream.ts';
import { appAndUpstream, changeUpstream } from '../change-upstream.ts';
import type { Run } from '../context.ts';

const MOST = 1000;

const readWeight = (word: string | undefined): number | null => {
  if (word === 'default') return null;
  const weight = word !== undefined && /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN;
  if (weight <= MOST) return weight;
  throw new SkeinError('E_BAD_VALUE', {
    option: 'weight',
    value: word ?? 'nothing',
    expected: `a whole number from 0 to ${MOST}, or default`,
    example: '10',
  });
};

export const run: Run<ChangeUpstreamOptions> = async (context, words, options) => {
  const [app, upstream, weight, ...more] = words;
  const named = appAndUpstream(
    'weight',
    [app, upstream, ...more].filter((word) => word !== undefined),
  );
  return await changeUpstream(context, { ...named, weight: readWeight(weight) }, options);
};
