/** Asks over the link for the right to probe, and does not wait for ever. */
import type { BreakerLink } from './breaker-link.ts';

const ANSWER_WITHIN_MS = 1_000;

/** `unanswered`: the link failed or is slow; to test on our own is better than to stay open. */
export const mayProbe = async (
  link: BreakerLink,
  name: string,
  leaseMs: number,
): Promise<'yes' | 'no' | 'unanswered'> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unanswered'>((resolve) => {
    timer = setTimeout(() => resolve('unanswered'), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([
      link.claimProbe(name, leaseMs).then((granted): 'yes' | 'no' => (granted ? 'yes' : 'no')),
      late,
    ]);
  } catch {
    return 'unanswered';
  } finally {
    clearTimeout(timer);
  }
};
