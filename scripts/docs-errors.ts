/** docs/errors.md from the catalogue in src/core/errors.ts. As a command: writes the file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogueEntry, catalogue, type ExitName, exitCodes } from '../src/core/error-catalogue.ts';

export const errorsPage: string = join(import.meta.dirname, '..', 'docs', 'errors.md');

const meanings: Readonly<Record<ExitName, string>> = {
  ok: 'Done, and what was asked for is really so: `start` and `reload` wait until the app is ready.',
  internal: 'A fault of Skein itself, or the Node.js that runs it is not supported.',
  usage: 'The command cannot be understood: an unknown option, a bad value, a missing target.',
  notFound: 'What the command names does not exist: an app, a file, a program.',
  appFailed: 'The app could not be started or replaced. After a failed `reload` the old generation serves.',
  unreachable: 'No supervisor answers, or it speaks another protocol.',
  permission: 'A file or socket may not be used by this user.',
  conflict: 'What runs stands in the way: a name or an address is taken, another operation is under way.',
  timeout: 'A limit of time was reached before the outcome was known.',
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = (code: string, { message, fix, status }: CatalogueEntry): string =>
  `| \`${code}\` | ${cell(message)} | ${cell(fix)} | ${status} |`;

const section = (name: ExitName): string => {
  const rows = Object.entries(catalogue)
    .filter(([, entry]) => entry.exit === name)
    .map(([code, entry]) => row(code, entry));
  if (rows.length === 0) return '';
  const heading = `## Exit code ${exitCodes[name]}: ${name}`;
  return [
    heading,
    '',
    '| code | message | what to do | HTTP |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '',
  ].join('\n');
};

/** The whole page. */
export const renderErrorsPage = (): string => {
  const names = Object.keys(exitCodes) as ExitName[];
  return `# Errors and exit codes

<!-- Made from src/core/errors.ts by \`npm run docs:errors\`; a test keeps the two equal. -->

A command that fails prints what happened to whom and, on the next line, what to do about it, both on
stderr. Its exit code says which kind of failure it was. The control API answers with the same code,
message and advice as JSON, under the HTTP status in the last column. In the texts below, \`{name}\`
stands for the name, path or number in question.

| exit code | name | meaning |
| --- | --- | --- |
${names.map((name) => `| ${exitCodes[name]} | ${name} | ${meanings[name]} |`).join('\n')}

\`skein run\` is the exception: when the app ends by itself it passes the app's own exit code on.

${names.map(section).join('').trimEnd()}
`;
};

if (import.meta.main) writeFileSync(errorsPage, renderErrorsPage());
