/** PM2's `watch`, `ignore_watch` and `watch_delay` as one setting. */
import type { Pm2Note } from './app.ts';
import type { Written } from './fields.ts';
import * as values from './values.ts';
import type { WrittenApp } from './written.ts';

/** What means something in a regular expression and nothing, or something else, in a glob. */
const isExpression = (text: string): boolean => /[\\^$|]|\.\*|\.\+/.test(text);

export const watchOf = (
  written: Written,
  app: string,
): { readonly settings: Pick<WrittenApp, 'watch'>; readonly notes: readonly Pm2Note[] } => {
  const found = written.find('watch');
  if (found === undefined || !values.isOn(found.value)) return { settings: {}, notes: [] };
  const paths =
    found.value === true || found.value === 'true' ? ['.'] : values.asPaths(found.value, found.at);
  const given = written.find('ignore_watch');
  const patterns: unknown[] =
    given === undefined ? [] : Array.isArray(given.value) ? given.value : [given.value];
  const notes: Pm2Note[] = [];
  const ignore = patterns.flatMap((pattern) => {
    const text = pattern instanceof RegExp ? String(pattern) : values.asText(pattern, given!.at);
    if (!(pattern instanceof RegExp) && !isExpression(text)) return [text];
    notes.push({
      app,
      key: given!.at.key,
      text: `has the regular expression ${text}, which is not honoured: write a glob such as 'tmp/**'`,
    });
    return [];
  });
  const delay = written.read('watch_delay', values.asDuration);
  return {
    settings: {
      watch: { paths, ...(ignore.length > 0 && { ignore }), ...(delay !== undefined && { delay }) },
    },
    notes,
  };
};
