/** Waiting tasks: by priority, and in the order they came within one. */

export type Priority = 'low' | 'normal' | 'high';

/** Highest first. */
const order = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

interface Line<T> {
  items: (T | undefined)[];
  head: number;
  /** Without those that were taken out of the middle. */
  size: number;
}

export interface TaskQueue<T> {
  readonly size: number;
  readonly push: (item: T, priority: Priority) => void;
  readonly shift: () => T | undefined;
  /** Takes an item out before its turn; false when it is not there. */
  readonly remove: (item: T, priority: Priority) => boolean;
}

/** `shift` is cheap however long the queue is; `remove` looks through the line of its priority. */
export const createTaskQueue = <T>(): TaskQueue<T> => {
  const empty = (): Line<T> => ({ items: [], head: 0, size: 0 });
  const lines: Record<Priority, Line<T>> = { high: empty(), normal: empty(), low: empty() };
  let size = 0;

  /** Forgets what is in front of `head`, and the gaps, before they are more than what waits. */
  const compact = (line: Line<T>): void => {
    if (line.items.length < 64 || line.items.length < 2 * line.size) return;
    line.items = line.items.slice(line.head).filter((item) => item !== undefined);
    line.head = 0;
  };

  return {
    get size() {
      return size;
    },
    push: (item, priority) => {
      const line = lines[priority];
      line.items.push(item);
      line.size += 1;
      size += 1;
    },
    shift: () => {
      const line = lines[order.find((priority) => lines[priority].size > 0) ?? 'normal'];
      while (line.head < line.items.length) {
        const item = line.items[line.head];
        line.items[line.head] = undefined;
        line.head += 1;
        if (item === undefined) continue;
        line.size -= 1;
        size -= 1;
        compact(line);
        return item;
      }
      return undefined;
    },
    remove: (item, priority) => {
      const line = lines[priority];
      const at = line.items.indexOf(item, line.head);
      if (at === -1) return false;
      line.items[at] = undefined;
      line.size -= 1;
      size -= 1;
      compact(line);
      return true;
    },
  };
};
