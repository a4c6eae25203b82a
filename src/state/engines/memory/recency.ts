/**
 * What was used when, as a list with links both ways. A Map keeps an order too, but changes it only by
 * deleting and inserting, which costs several times as much as the write itself.
 */

export interface Used<T> {
  older: T | null;
  newer: T | null;
}

export class Recency<T extends Used<T>> {
  #oldest: T | null = null;
  #newest: T | null = null;

  get oldest(): T | null {
    return this.#oldest;
  }

  add(item: T): void {
    item.older = this.#newest;
    item.newer = null;
    if (this.#newest === null) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
  }

  remove(item: T): void {
    const { older, newer } = item;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
  }

  use(item: T): void {
    if (item === this.#newest) return;
    this.remove(item);
    this.add(item);
  }

  clear(): void {
    this.#oldest = null;
    this.#newest = null;
  }
}
