/** Makes an unmodified app need longer to start, as if it loaded much or waited for a database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture } from './skein.ts';

export interface SlowBoot {
  /** Flags and environment of `start`. */
  readonly options: { readonly flags: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** Workers that start from now on need this long. */
  takes(ms: number): void;
  remove(): void;
}

export const slowBoot = (ms: number): SlowBoot => {
  const dir = mkdtempSync(join(tmpdir(), 'skein-boot-'));
  const file = join(dir, 'boot-ms');
  const takes = (wanted: number): void => writeFileSync(file, String(wanted));
  takes(ms);
  return {
    options: { flags: ['--node-args', `--import=${fixture('boots-late.mjs')}`], env: { BOOT_MS_FILE: file } },
    takes,
    remove: () => rmSync(dir, { recursive: true }),
  };
};
