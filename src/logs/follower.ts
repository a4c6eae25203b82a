/** Who follows the output of workers as it comes: between the supervisor and its control API. */
import type { Stream } from './paths.ts';

export interface LogFollower {
  readonly wants: (app: string, stream: Stream) => boolean;
  /** NDJSON of LogLine, each with its `cursor`. */
  readonly send: (encoded: Buffer, lines: number) => void;
}
