/**
 * Glob patterns, as shells and .gitignore have them. `path.matchesGlob` warns on Node 22 that it
 * is experimental.
 */

const escaped = (text: string): string => text.replace(/[.+^$|()[\]{}\\]/g, '\\$&');

/** `[a-z]`, `[!a-z]`: as in a regular expression, except for `!`; never a slash. */
const charClass = (body: string): string => {
  const negated = body.startsWith('!') || body.startsWith('^');
  const inside = (negated ? body.slice(1) : body).replace(/[\\[\]^]/g, '\\$&');
  return negated ? `[^/${inside}]` : `(?!/)[${inside}]`;
};

const TOKEN = /\*\*\/|\*\*|\*|\?|\[([!^]?[^\]]+)\]|\{([^{}]*)\}|[^*?[{]+|[[{]/g;

const source = (pattern: string): string =>
  pattern.replace(TOKEN, (token, inClass: string | undefined, choices: string | undefined) => {
    if (inClass !== undefined) return charClass(inClass);
    if (choices !== undefined) return `(?:${choices.split(',').map(source).join('|')})`;
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return escaped(token);
  });

/**
 * Matches the whole of a path with `/` between its parts: `*`, `?` and `[…]` stay inside one part,
 * `**` goes over any number of them, `{a,b}` is either. Every text is a pattern.
 */
export const globToRegExp = (pattern: string): RegExp => {
  try {
    return new RegExp(`^${source(pattern)}$`, 's');
  } catch {
    // A range that ends before it begins: then it stands for itself.
    return new RegExp(`^${escaped(pattern).replace(/[*?]/g, '\\$&')}$`, 's');
  }
};
