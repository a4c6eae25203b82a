/**
 * Apps that are no more, and whose stores the state server may still have: remembered over the death of
 * a supervisor, or an app of the same name would find what another one had shared.
 */
import type { StateServer } from './state-server.ts';

export interface UndroppedOptions {
  readonly stateServer: Pick<StateServer, 'drop'>;
  /** What an earlier supervisor did not come to. */
  readonly before: readonly string[];
  /** One is done: save it. */
  readonly changed: () => void;
}

export class Undropped {
  readonly #options: UndroppedOptions;
  readonly #names: Set<string>;

  constructor(options: UndroppedOptions) {
    this.#options = options;
    this.#names = new Set(options.before);
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  add(app: string): void {
    const { stateServer, changed } = this.#options;
    const done = stateServer.drop(app);
    if (done === null) {
      this.#names.delete(app);
      return;
    }
    this.#names.add(app);
    void done.then(() => {
      this.#names.delete(app);
      changed();
    });
  }

  /** Under a new supervisor. What an app of that name shares by now is its own. */
  resume(isKnown: (app: string) => boolean): void {
    for (const app of this.names)
      if (isKnown(app)) this.#names.delete(app);
      else this.add(app);
  }
}
