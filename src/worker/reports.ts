/** What the supervisor hears from a worker by the clock: statistics when they change, and beats. */
import type { WorkerStats } from '../protocol/worker.ts';
import type { Control } from './control.ts';

const STATS_MS = 250;
const BEAT_MS = 50;

/** A change of the utilisation by less is the noise of an idle loop on a busy machine. */
const NOISE = 0.1;

/** Sends the statistics four times a second while they change. Keeps no process alive. */
export const reportStats = (control: Control, read: () => WorkerStats): void => {
  let last: WorkerStats | null = null;
  setInterval(() => {
    const stats = read();
    if (last !== null && isSame(stats, last)) return;
    last = stats;
    control.send({ type: 'stats', stats });
  }, STATS_MS).unref();
};

const isSame = (a: WorkerStats, b: WorkerStats): boolean =>
  Math.abs(a.utilisation - b.utilisation) < NOISE &&
  a.connections === b.connections &&
  a.inFlight === b.inFlight &&
  a.answered === b.answered &&
  a.reset === b.reset &&
  a.truncated === b.truncated;

/** Shorter stretches of time say little: a worker that has just begun was busy beginning. */
const METER_MS = 500;

/** Gives the event loop utilisation since the last reading, in steps of 0.01. */
export const utilisationMeter = (): (() => number) => {
  let last = performance.eventLoopUtilization();
  let value = 0;
  return () => {
    const now = performance.eventLoopUtilization();
    const { active, idle, utilization } = performance.eventLoopUtilization(now, last);
    if (active + idle < METER_MS) return value;
    last = now;
    value = Math.round(utilization * 100) / 100;
    return value;
  };
};

export interface Beats {
  set(on: boolean): void;
}

export const createBeats = (control: Control): Beats => {
  let timer: NodeJS.Timeout | null = null;
  return {
    set(on) {
      if (timer !== null) clearInterval(timer);
      timer = on ? setInterval(() => control.send({ type: 'beat' }), BEAT_MS).unref() : null;
      // The first at once: whoever asks wants to know whether the loop turns.
      if (on) control.send({ type: 'beat' });
    },
  };
};
