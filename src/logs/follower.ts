/** Who follows the output of workers as it comes: between the supervisor and its control API. */
import type { Stream } from './paths.ts';

export interface LogFollower {
  readonly wants: (app: string, stream: Stream) => boolean;
  /** Whether it takes lines now; one that does not read what it was sent does not. */
  readonly takes: () => boolean;
  /** It did not, and so many lines have come. */
  readonly miss: (lines: number) => void;
  /** NDJSON of LogLine, each with its `cursor`. */
  readonly send: (encoded: Buffer) => void;
}
