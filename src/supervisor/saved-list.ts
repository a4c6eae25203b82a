/**
 * Writes the saved list (src/protocol/saved-list.ts): at every change of the apps, of their
 * settings, or of whether they are to run, and only then. The list before stays beside it.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import type { SecretBook } from '../config/hidden-values.ts';
import { keepAs, replaceFile } from '../os/atomic-file.ts';
import { backupOf, readSavedList } from '../os/saved-list.ts';
import type { SavedApp, SavedList } from '../protocol/saved-list.ts';
import type { AppRecord } from './store.ts';

/**
 * What is to be again after a reboot. A change that is under way counts when it has succeeded: until
 * then a rollout's old settings hold. An app that failed was meant to run. Null: it is being deleted.
 */
export const savedApp = ({ run, current, failure, underWay }: AppRecord): SavedApp | null => {
  const { spec } = current;
  switch (underWay?.change.kind) {
    case 'stop':
      return underWay.change.then === 'delete' ? null : { run: false, spec };
    case 'rollout':
      return { run, spec: underWay.change.back.current.spec };
    case 'settings':
      return { run, spec: underWay.change.from };
    case 'start':
    case 'restart':
      return { run: true, spec };
    case 'prepare':
    case 'scale':
    case undefined:
      return { run: run || failure !== null, spec };
  }
};

export class SavedListFile {
  readonly #file: string;
  readonly #book: SecretBook;
  readonly #warn: (text: string) => void;
  /** What the file holds. */
  #text: string | null;
  #failing = false;

  constructor(file: string, book: SecretBook, warn: (text: string) => void) {
    this.#file = file;
    this.#book = book;
    this.#warn = warn;
    const { text, problem, list } = readSavedList(file);
    this.#text = text;
    if (problem !== null) this.#setAside(problem, list);
  }

  /** Writes the list if it has changed. Throws what the file system says. */
  write(apps: readonly SavedApp[]): void {
    const list: SavedList = { format: 1, apps };
    const text = `${this.#book.stringify(list, 1)}\n`;
    if (text === this.#text && existsSync(this.#file)) return;
    keepAs(this.#file, backupOf(this.#file));
    replaceFile(this.#file, text, true);
    this.#text = text;
    this.#failing = false;
  }

  /** As `write`; that it cannot be written is said once, and tried again at the next change. */
  tryWrite(apps: readonly SavedApp[]): void {
    try {
      this.write(apps);
    } catch (error) {
      if (!this.#failing) this.#warn(`${this.#file} cannot be written: ${(error as Error).message}`);
      this.#failing = true;
    }
  }

  /** A list that cannot be read is not thrown away, and the one before takes its place. */
  #setAside(problem: string, before: SavedList | null): void {
    const aside = `${this.#file}.unreadable`;
    const then = before === null ? 'There is none before it.' : 'The list before it is used.';
    try {
      renameSync(this.#file, aside);
      // Not a second name of the same file: whoever edits one would change both.
      if (before !== null) replaceFile(this.#file, readFileSync(backupOf(this.#file), 'utf8'), true);
      this.#text = readSavedList(this.#file).text;
      this.#warn(`the saved list was not readable (${problem}) and has been set aside as ${aside}. ${then}`);
    } catch (error) {
      this.#warn(
        `the saved list is not readable (${problem}) and cannot be set aside: ${(error as Error).message}`,
      );
    }
  }
}
