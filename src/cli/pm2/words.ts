/** PM2's command line to what it asks for. Flags may stand anywhere; what follows `--` is the app's. Pure. */
import type { Option } from './flags.ts';
import { findFlag } from './flags.ts';

export interface Pm2Words {
  /** The first word that is no flag; undefined when there is none. */
  readonly command: string | undefined;
  readonly targets: readonly string[];
  /** Keys of an ecosystem file that were given as flags. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly options: Readonly<Partial<Record<Option, string | true>>>;
  readonly appArgs: readonly string[] | undefined;
  /** A line for each flag that does nothing here. */
  readonly notes: readonly string[];
}

/** A mistake in the command line, in a sentence. */
export interface BadWords {
  readonly problem: string;
}

/** `-i4` as `-i 4`, `--name=api` as `--name api`. */
const split = (word: string): readonly [string, string | undefined] => {
  if (word.startsWith('--')) {
    const at = word.indexOf('=');
    return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  }
  return word.length > 2 && findFlag(word) === undefined
    ? [word.slice(0, 2), word.slice(2)]
    : [word, undefined];
};

/** `-` alone is a target: what comes on stdin. So is `-1`, for `scale`. */
const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-' && !/^-\d+$/.test(word);

export const readWords = (argv: readonly string[]): Pm2Words | BadWords => {
  const end = argv.indexOf('--');
  const own = end === -1 ? [...argv] : argv.slice(0, end);
  const targets: string[] = [];
  const keys: Record<string, unknown> = {};
  const options: Partial<Record<Option, string | true>> = {};
  const notes: string[] = [];
  while (own.length > 0) {
    const word = own.shift() ?? '';
    if (!isFlag(word)) {
      targets.push(word);
      continue;
    }
    const [name, attached] = split(word);
    const flag = findFlag(name);
    if (flag === undefined) return { problem: `there is no option ${name}` };
    const next = own[0];
    let value: string | true = true;
    if (flag.takes === 'nothing') {
      if (attached !== undefined) {
        // `-fs` is `-f -s`.
        if (word.startsWith('--')) return { problem: `${name} takes no value` };
        own.unshift(`-${attached}`);
      }
    } else if (attached !== undefined) value = attached;
    else if (next !== undefined && (flag.takes === 'a value' ? true : !isFlag(next)))
      value = own.shift() ?? '';
    else if (flag.takes === 'a value') return { problem: `${name} needs a value` };
    if (flag.kind === 'key') keys[flag.key] = flag.value === undefined ? value : flag.value(value);
    else if (flag.kind === 'option') options[flag.option] = value;
    else if (flag.why !== null) notes.push(`${name} does nothing here: ${flag.why}.`);
  }
  const [command, ...rest] = targets;
  return {
    command,
    targets: rest,
    keys,
    options,
    appArgs: end === -1 ? undefined : argv.slice(end + 1),
    notes,
  };
};
