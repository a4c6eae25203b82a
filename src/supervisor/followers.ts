/** Who follows the output of workers as it comes: `skein logs --follow`, the foreground form. */
import type { LogLine } from '../protocol/control.ts';
import type { WorkerTag } from '../protocol/holder.ts';
import type { Stream } from './output.ts';

export class Followers {
  readonly #all = new Set<(line: LogLine) => void>();

  /** Returns what ends it. */
  add(follower: (line: LogLine) => void): () => void {
    this.#all.add(follower);
    return () => this.#all.delete(follower);
  }

  readonly onLines = ({ app, slot }: WorkerTag, stream: Stream, lines: readonly string[]): void => {
    if (this.#all.size === 0) return;
    const at = Date.now();
    for (const text of lines) for (const follower of this.#all) follower({ at, app, slot, stream, text });
  };
}
