/** Rings when the clock says so. Looks at the clock once a minute, for it may be set, or the machine sleep. */
const MOST_MS = 60_000;

export class Alarm {
  #timer: NodeJS.Timeout | undefined;

  /** At `at`, in milliseconds since 1970, or later. Replaces what was set; keeps no process alive. */
  set(at: number, ring: () => void): void {
    this.clear();
    const left = Math.min(Math.max(0, at - Date.now()), MOST_MS);
    this.#timer = setTimeout(() => (Date.now() >= at ? ring() : this.set(at, ring)), left).unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
