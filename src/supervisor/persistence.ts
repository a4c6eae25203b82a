/** Everything of the supervisor that outlives it: the state file, the saved list, secrets in the holder. */
import type { Secrets } from '../config/hidden-values.ts';
import { SecretBook } from '../config/hidden-values.ts';
import { replaceFile } from '../os/atomic-file.ts';
import type { Home } from '../os/home.ts';
import type { Saved } from '../protocol/control.ts';
import type { SavedApp } from '../protocol/saved-list.ts';
import { frontOf } from './balancing/companion-spec.ts';
import type { HolderClient, Welcome } from './holder-client.ts';
import { SavedListFile, savedApp } from './saved-list.ts';
import type { AppRecord, State } from './store.ts';

export interface PersistenceOptions {
  readonly home: Home;
  readonly holder: HolderClient;
  readonly welcome: Welcome;
  readonly warn: (text: string) => void;
}

const savedApps = (records: readonly AppRecord[]): SavedApp[] =>
  records
    .map(savedApp)
    .filter((app) => app !== null)
    .filter(({ spec }) => frontOf(spec) === null);

const isSame = (one: Secrets, other: Secrets): boolean => {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
};

export class Persistence {
  readonly #options: PersistenceOptions;
  readonly #book: SecretBook;
  /** null: `skein run`, whose app belongs to no list. */
  readonly #list: SavedListFile | null;
  #kept: Secrets;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    const { kept = {}, foreground } = options.welcome;
    this.#kept = kept;
    this.#book = new SecretBook(kept);
    this.#list = foreground ? null : new SavedListFile(options.home.appsFile, this.#book, options.warn);
  }

  /** After every change. `closing`: Skein is ending, so the apps that stop are to come back. */
  save(now: Omit<State, 'format' | 'holder' | 'closing'>, closing: boolean): void {
    const { home, welcome, warn } = this.#options;
    try {
      const { startedAt } = welcome;
      const state: State = {
        ...now,
        format: 1,
        holder: startedAt,
        closing: closing ? startedAt : undefined,
      };
      const text = this.#book.stringify(state);
      // First: a state file with references that nobody can follow would lose the values.
      this.#keep();
      replaceFile(home.stateFile, text);
    } catch (error) {
      warn(`${home.stateFile} cannot be written: ${(error as Error).message}`);
    }
    if (!closing) this.#list?.tryWrite(savedApps(now.apps));
  }

  /** Writes the saved list now. Throws what the file system says. */
  saveList(records: readonly AppRecord[]): Saved {
    const apps = savedApps(records);
    this.#list?.write(apps);
    return { file: this.#options.home.appsFile, apps: apps.length };
  }

  #keep(): void {
    const used = this.#book.takeUsed();
    if (isSame(used, this.#kept)) return;
    this.#kept = used;
    this.#options.holder.send({ verb: 'keep', kept: used });
  }
}
