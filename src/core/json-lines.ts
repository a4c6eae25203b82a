/**
 * Newline-delimited JSON, the framing of every stream between Skein's processes. A line that is
 * not JSON is reported, never thrown: what comes over a socket cannot bring a process down.
 */

export const encodeLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

export interface LineDecoder {
  push(chunk: string): void;
}

/** Calls `onValue` for each whole line; `onGarbage` gets a line that is not JSON. */
export const createLineDecoder = (
  onValue: (value: unknown) => void,
  onGarbage: (line: string) => void = () => {},
): LineDecoder => {
  let rest = '';
  return {
    push(chunk) {
      rest += chunk;
      let start = 0;
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
        const line = rest.slice(start, end);
        start = end + 1;
        if (line === '') continue;
        let value: unknown;
        try {
          value = JSON.parse(line);
        } catch {
          onGarbage(line);
          continue;
        }
        onValue(value);
      }
      rest = rest.slice(start);
    },
  };
};
