/**
 * The tables of docs/migrating-from-pm2.md, from those of the code: verbs, flags and keys. As a
 * command: writes them into the page, between its marks.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pm2Flag } from '../src/cli/pm2/flags.ts';
import { pm2Flags } from '../src/cli/pm2/flags.ts';
import type { Pm2Verb } from '../src/cli/pm2/verbs.ts';
import { pm2Verbs } from '../src/cli/pm2/verbs.ts';
import type { Pm2Key } from '../src/config/pm2/keys.ts';
import { pm2Keys } from '../src/config/pm2/keys.ts';

export const migrationPage: string = join(import.meta.dirname, '..', 'docs', 'migrating-from-pm2.md');

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;
const codes = (texts: readonly string[]): string => texts.map(code).join(', ');

const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

const verbRow = (verb: Pm2Verb): string[] => [
  codes(verb.names),
  verb.skein === null ? '–' : code(verb.skein),
  verb.kind === 'outside' ? `not possible: ${verb.why}` : (verb.note ?? ''),
];

const flagNote = (flag: Pm2Flag): string => {
  if (flag.kind === 'ignored')
    return flag.why === null ? 'accepted, nothing is lost' : `no effect: ${flag.why}`;
  return flag.kind === 'key' ? `the key ${code(flag.key)}` : '';
};

const flagRow = (flag: Pm2Flag): string[] => [
  codes(flag.names),
  flag.skein === null ? '–' : code(flag.skein),
  flagNote(flag),
];

const keyRow = ({ key, aliases, fate }: Pm2Key): string[] => {
  const names = codes([key, ...aliases]);
  switch (fate.kind) {
    case 'becomes':
      return [names, code(fate.setting), fate.note ?? ''];
    case 'always':
      return [
        names,
        '–',
        `always so: ${fate.how}${fate.unless === undefined ? '' : '; cannot be turned off'}`,
      ];
    case 'none':
      return [names, '–', `${fate.why}: ${fate.advice}`];
  }
};

const tables: Readonly<Record<string, () => string>> = {
  verbs: () => table(['PM2', '`skein`', 'what is to be known'], pm2Verbs.map(verbRow)),
  flags: () => table(['PM2', '`skein`', 'what it is'], pm2Flags.map(flagRow)),
  keys: () => table(['key, other names', 'setting', 'what is to be known'], pm2Keys.map(keyRow)),
};

/** The page with its tables as they should be. */
export const renderMigrationPage = (page: string): string =>
  Object.entries(tables).reduce((text, [name, render]) => {
    const mark = new RegExp(`(<!-- table: ${name}, .*? -->\\n)[\\s\\S]*?(\\n<!-- end -->)`);
    if (!mark.test(text)) throw new Error(`the page has no mark for ${name}`);
    return text.replace(mark, (_, begin: string, end: string) => `${begin}\n${render()}\n${end}`);
  }, page);

if (import.meta.main) writeFileSync(migrationPage, renderMigrationPage(readFileSync(migrationPage, 'utf8')));
