/**
 * Lines of settings in a config that is a program. Nothing is known of how it made its value, but
 * nearly all are one object literal, so the text is searched for object literals and their keys;
 * what a setting came from otherwise, a person finds.
 */
import type { KeyPath } from '../place.ts';

interface Property {
  readonly key: string;
  readonly line: number;
  /** Its value where that is one piece of text. */
  literal: string | undefined;
  child: Bracket | undefined;
}

interface Bracket {
  readonly kind: string;
  readonly line: number;
  readonly properties: Property[];
  /** Brackets directly in it that no key stands before. */
  readonly items: Bracket[];
}

/** Comments, text (a template's insertions are taken as text), words and marks. */
const token =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|[\w$]+|[^\s\w$]|\n/g;

const isText = (text: string): boolean => /^['"`]/.test(text);
const plain = (text: string): string => (isText(text) ? text.slice(1, -1) : text);

/** All brackets of the source, the outer before the inner; the first stands for the file. */
const bracketsOf = (source: string): Bracket[] => {
  const file: Bracket = { kind: '', line: 1, properties: [], items: [] };
  const all = [file];
  const open = [file];
  let line = 1;
  let previous = '';
  let beforeThat = '';
  /** The key whose value comes next. */
  let pending: Property | undefined;
  for (const [text] of source.matchAll(token)) {
    if (text === '\n' || text.startsWith('/*') || text.startsWith('//')) {
      line += text.split('\n').length - 1;
      continue;
    }
    const current = open.at(-1) ?? file;
    if (text === ':' && current.kind === '{' && (beforeThat === '{' || beforeThat === ',')) {
      pending = { key: plain(previous), line, literal: undefined, child: undefined };
      current.properties.push(pending);
    } else if ('{[('.includes(text)) {
      const bracket: Bracket = { kind: text, line, properties: [], items: [] };
      all.push(bracket);
      open.push(bracket);
      if (pending === undefined) current.items.push(bracket);
      else pending.child = bracket;
      pending = undefined;
    } else if ('}])'.includes(text)) {
      if (open.length > 1) open.pop();
      pending = undefined;
    } else if (isText(text)) {
      if (pending !== undefined && previous === ':') pending.literal = plain(text);
      pending = undefined;
      line += text.split('\n').length - 1;
    } else if (text === ',' || text === ';') pending = undefined;
    beforeThat = previous;
    previous = text;
  }
  return all;
};

const property = (bracket: Bracket, key: string): Property | undefined =>
  bracket.properties.find((one) => one.key === key);

/** What `name` and `script` of the app at `path` are in the value, or undefined. */
const namesIn = (value: unknown, path: KeyPath): readonly (readonly [key: string, text: string])[] => {
  let app = value;
  for (const part of path) app = (app as Record<string | number, unknown> | null | undefined)?.[part];
  return ['name', 'script'].flatMap((key) => {
    const text = (app as Record<string, unknown> | null | undefined)?.[key];
    return typeof text === 'string' ? [[key, text] as const] : [];
  });
};

/** How much of `path` names the app: `['apps', 0]`, `[0]`, or nothing where the file is one app. */
const appPart = (path: KeyPath): KeyPath => {
  const at = path.findIndex((part) => typeof part === 'number');
  return path.slice(0, at > 1 ? 0 : at + 1);
};

/** @param value What the source evaluated to: names in it say which object literal is which app. */
export const scriptLines = (source: string, value: unknown): ((path: KeyPath) => number | undefined) => {
  const brackets = bracketsOf(source);
  const bracketOf = (path: KeyPath): Bracket | undefined => {
    for (const [key, text] of namesIn(value, path)) {
      const found = brackets.filter((bracket) => property(bracket, key)?.literal === text);
      if (found.length === 1) return found[0];
    }
    const nth = path.at(-1);
    if (typeof nth !== 'number') return brackets.find((bracket) => property(bracket, 'script'));
    const lists = brackets.flatMap((bracket) => [
      ...bracket.properties.flatMap(({ key, child }) => (key === path.at(-2) && child ? [child] : [])),
      ...bracket.items.filter(({ kind }) => kind === '['),
    ]);
    return lists.find(({ items }) => items.length > nth)?.items[nth];
  };
  const isOneApp = namesIn(value, []).length > 0;
  return (path) => {
    const app = appPart(path);
    const rest = path.slice(app.length);
    const named = rest.find((part) => typeof part === 'string') ?? app[0];
    let bracket = app.length > 0 || isOneApp ? bracketOf(app) : undefined;
    // Made by a function or a spread: the first place with that key is the best guess.
    bracket ??= brackets.find((one) => typeof named === 'string' && property(one, named) !== undefined);
    let line = app.length > 0 || isOneApp ? bracket?.line : undefined;
    for (const part of rest) {
      const found = typeof part === 'string' && bracket ? property(bracket, part) : undefined;
      const item: Bracket | undefined = typeof part === 'number' ? bracket?.items[part] : undefined;
      line = found?.line ?? item?.line ?? line;
      bracket = found?.child ?? item;
    }
    return line;
  };
};
