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
  let waiting = true;
  const late = new Promise<'unanswered'>((resolve) => {
    timer = setTimeout(() => {
      waiting = false;
      resolve('unanswered');
    }, ANSWER_WITHIN_MS);
  });
  const asked = async (): Promise<'yes' | 'no'> => {
    if (!(await link.claimProbe(name, leaseMs))) return 'no';
    // Given to nobody who waits for it, it would keep the others from testing.
    if (!waiting) link.endProbe(name);
    return 'yes';
  };
  try {
    return await Promise.race([asked(), late]);
  } catch {
    return 'unanswered';
  } finally {
    clearTimeout(timer);
  }
};
