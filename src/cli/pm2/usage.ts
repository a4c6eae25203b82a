/** What skein-pm2 can do, in a screen. */
import { pm2Verbs } from './verbs.ts';

export const usage = (): string =>
  [
    'usage: skein-pm2 <command> [options]',
    '',
    "Answers PM2's commands with Skein. Targets are names, ids, namespaces, all, /patterns/,",
    'ecosystem files, or - for JSON on stdin. What differs is in docs/migrating-from-pm2.md.',
    '',
    ...pm2Verbs
      .filter(({ kind }) => kind === 'verb')
      .map(({ names, skein }) => `  ${names.join(', ').padEnd(38)}${skein ?? ''}`),
    '',
  ].join('\n');
