/** A seeded generator (mulberry32), so that a failing run can be repeated arrival by arrival. */
export interface Random {
  /** 0 ≤ n < 1. */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Exponentially distributed with this mean: the gaps of a Poisson process. */
  exponential(mean: number): number;
  bytes(length: number): Buffer;
  /** One key of `weights`, as often as its weight says. */
  pick<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K;
}

export const createRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    exponential: (mean) => -Math.log(1 - next()) * mean,
    bytes(length) {
      const buffer = Buffer.allocUnsafe(length);
      for (let at = 0; at < length; at += 1) buffer[at] = next() * 256;
      return buffer;
    },
    pick<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
      const entries = Object.entries(weights) as [K, number][];
      const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      const last = entries.at(-1);
      if (last === undefined) throw new Error('nothing to pick from');
      return last[0];
    },
  };
};
