/** Reads `apps.json`, and the one before it where that is damaged. */
import { readFileSync } from 'node:fs';
import type { SavedList } from '../protocol/saved-list.ts';
import { parseSavedList } from '../protocol/saved-list.ts';

export interface FoundList {
  /** null: none is there, or none that can be read. */
  readonly list: SavedList | null;
  /** The file's own text; null when it is not there or no list. */
  readonly text: string | null;
  /** What is wrong with the file; null: nothing, or it is not there. */
  readonly problem: string | null;
}

export const backupOf = (file: string): string => `${file}.bak`;

const readOne = (file: string): FoundList => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { list: null, text: null, problem: code === 'ENOENT' ? null : message };
  }
  try {
    return { list: parseSavedList(text), text, problem: null };
  } catch (error) {
    return { list: null, text: null, problem: (error as Error).message };
  }
};

export const readSavedList = (file: string): FoundList => {
  const found = readOne(file);
  return found.list !== null ? found : { ...found, list: readOne(backupOf(file)).list };
};
