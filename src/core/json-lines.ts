/**
 * Newline-delimited JSON, the framing of every stream between Skein's processes. A line that is
 * not JSON is reported, never thrown: what comes over a socket cannot bring a process down.
 */
import { createLineReader } from './line-reader.ts';

export const encodeLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

export interface LineDecoder {
  push(chunk: string): void;
}

/** Calls `onValue` for each whole line; `onGarbage` gets a line that is not JSON. */
export const createLineDecoder = (
  onValue: (value: unknown) => void,
  onGarbage: (line: string) => void = () => {},
): LineDecoder => {
  const lines = createLineReader(Infinity, (line) => {
    if (line === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      onGarbage(line);
      return;
    }
    onValue(value);
  });
  return { push: (chunk) => void lines.push(chunk) };
};
