/**
 * When which key expires: a binary heap and one timer, however many keys there are. An entry that is
 * overwritten or deleted leaves its old appointment behind; `isDue` of the owner tells it apart.
 */

interface Appointment {
  readonly at: number;
  readonly key: string;
}

/** setTimeout fires at once above this. */
const MAX_TIMER_MS = 2_147_483_647;

/** If very many are due at once, the event loop turns after so many of them. */
const PER_TURN = 1_000;

export class Expiry {
  #heap: Appointment[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  readonly #now: () => number;
  readonly #onDue: (key: string, at: number) => void;

  /** `onDue` is called when `at` is over, also for appointments that no longer count. */
  constructor(now: () => number, onDue: (key: string, at: number) => void) {
    this.#now = now;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(key: string, at: number): void {
    this.#push({ key, at });
    this.#arm();
  }

  /** Begins anew with the appointments that count. */
  rebuild(appointments: Iterable<Appointment>): void {
    this.#heap = [];
    for (const appointment of appointments) this.#push(appointment);
    this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    this.#heap = [];
  }

  #arm(): void {
    const next = this.#heap[0]?.at ?? Infinity;
    if (next >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    // It must not keep a process alive that has nothing else to do.
    this.#timer = setTimeout(
      () => this.#run(),
      Math.min(Math.max(next - this.#now(), 1), MAX_TIMER_MS),
    ).unref();
  }

  #run(): void {
    this.#timerAt = Infinity;
    const now = this.#now();
    for (let count = 0; count < PER_TURN; count += 1) {
      const first = this.#heap[0];
      if (first === undefined || first.at > now) break;
      this.#pop();
      this.#onDue(first.key, first.at);
    }
    this.#arm();
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap;
    let index = heap.push(appointment) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.at <= appointment.at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = appointment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = (heap[right]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? right : left;
      const below = heap[child];
      if (below === undefined || below.at >= last.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}
