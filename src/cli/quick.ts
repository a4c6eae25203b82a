/**
 * `list`, which scripts and prompts call all the time, without the command tree: commander and
 * what it imports take a third of its time. Only the plainest form goes this way; whatever has
 * another option, or a mistake in it, is commander's.
 */
import type { Context } from './context.ts';

const LIST = new Set(['list', 'ls', 'status']);

export const quickCommand = (words: readonly string[]): ((context: Context) => Promise<number>) | null => {
  const [command = '', ...rest] = words;
  if (!LIST.has(command)) return null;
  const targets = rest.filter((word) => word !== '--json');
  if (targets.some((word) => word.startsWith('-'))) return null;
  return async (context) => {
    const { run } = await import('./commands/list.ts');
    return await run(context, targets, { json: rest.length > targets.length });
  };
};
