/** A folder with files for one test. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

export const temporaryFolder = (
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, string>> = {},
): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sk-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};
