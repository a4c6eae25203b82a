/**
 * Splits what a stream brings into lines. Each chunk is looked at once, however long the line grows,
 * and a line longer than the limit is refused before it fills the memory.
 */

export interface LineReader {
  /** False: the line that has begun is too long, and nothing more can be read from this stream. */
  push(chunk: string): boolean;
}

export const createLineReader = (maxChars: number, onLine: (line: string) => void): LineReader => {
  /** The beginning of a line whose end has not come. */
  let begun: string[] = [];
  let chars = 0;
  return {
    push(chunk) {
      let start = 0;
      for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
        const rest = chunk.slice(start, end);
        start = end + 1;
        if (begun.length === 0) {
          onLine(rest);
          continue;
        }
        begun.push(rest);
        const line = begun.join('');
        begun = [];
        chars = 0;
        onLine(line);
      }
      if (start === chunk.length) return true;
      begun.push(start === 0 ? chunk : chunk.slice(start));
      chars += chunk.length - start;
      return chars <= maxChars;
    },
  };
};
