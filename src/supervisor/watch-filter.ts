/** Which paths `watch` looks at. Pure. */
import { basename, dirname, extname, relative, sep } from 'node:path';
import { globToRegExp } from '../core/glob.ts';
import type { AppSpec, WatchSettings } from '../protocol/app-spec.ts';

export interface WatchPlace {
  readonly watch: WatchSettings;
  readonly cwd: string;
  readonly logs: Pick<AppSpec['logs'], 'out' | 'err' | 'combined'>;
  /** SKEIN_HOME. */
  readonly home: string;
}

const isWithin = (path: string, dir: string): boolean => path === dir || path.startsWith(`${dir}${sep}`);

/** A log file of its own, those of the slots, and those that rotation has set aside. */
const isLog = (path: string, log: string): boolean => {
  if (dirname(path) !== dirname(log)) return false;
  const ending = extname(log);
  const stem = basename(log, ending);
  const name = basename(path);
  const rest = name.startsWith(stem) ? name.slice(stem.length) : null;
  if (rest === null || (rest !== '' && !/^[-.]/.test(rest))) return false;
  // Without an ending `log` would also stand for `log-parser.js`.
  return ending === '' ? rest === '' || /^[-.]\d/.test(rest) : rest.includes(ending);
};

/** A pattern without a slash is of a name, wherever it is; another one of a path from `cwd` on. */
const matcher = (pattern: string): ((relativePath: string, name: string) => boolean) => {
  const trimmed = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  const expression = globToRegExp(trimmed.replace(/^\//, ''));
  return trimmed.includes('/') ? (path) => expression.test(path) : (_, name) => expression.test(name);
};

/** Whether a path is not looked at, and nothing below it. */
export const ignoreFor = ({ watch, cwd, logs, home }: WatchPlace): ((path: string) => boolean) => {
  const files = [logs.out, logs.err, logs.combined].filter((file) => file !== null);
  const patterns = watch.ignore.map(matcher);
  return (path) => {
    if (isWithin(path, home) || files.some((file) => isLog(path, file))) return true;
    // What is named is watched, even inside a directory whose own name begins with a dot.
    const root = watch.paths.filter((one) => isWithin(path, one)).toSorted((a, b) => b.length - a.length)[0];
    const parts = root === undefined ? [basename(path)] : relative(root, path).split(sep);
    if (parts.some((part) => part === 'node_modules' || part.startsWith('.'))) return true;
    return patterns.some((matches) => matches(relative(cwd, path).split(sep).join('/'), basename(path)));
  };
};
