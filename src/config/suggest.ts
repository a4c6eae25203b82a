/** `Did you mean …?` for names that were not found. */

/** Damerau-Levenshtein distance in the restricted form (optimal string alignment). */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
};

/** The candidate nearest to `word`, if it is near enough to be a slip: a third of the letters, three at most. */
export const closest = (word: string, candidates: readonly string[]): string | undefined => {
  const limit = Math.min(3, Math.ceil(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const found = distance(word.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
};

/** ` Did you mean api?`, to be put behind a sentence; empty when nothing is near. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const found = closest(word, candidates);
  return found === undefined ? '' : ` Did you mean ${found}?`;
};
