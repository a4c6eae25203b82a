/**
 * So many at a time, and so long until the next ones, that in no second there are more than `perSecond`. What
 * was missed by a timer that came late is not made up for: it would come on top of the next ones. Pure.
 */
export interface Pace {
  readonly batch: number;
  readonly everyMs: number;
}

const STEP_MS = 100;
/** Connections that end apart may come back together: the way to clients and back is not always as long. */
const MARGIN = 1.1;

export const paceOf = (perSecond: number): Pace => {
  const batch = Math.max(1, Math.floor((perSecond * STEP_MS) / 1000));
  return { batch, everyMs: Math.ceil(Math.max(STEP_MS, (batch * 1000) / perSecond) * MARGIN) };
};
