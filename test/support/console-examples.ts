/**
 * Examples in documentation that can be run: fenced blocks of the language `console`. A line that
 * begins with `$ ` is a command, what follows it until the next one is what it prints.
 *
 * What is printed is compared with what is written, and
 *   `…` stands for any text within a line, and alone in a line for any number of lines;
 *   a time, a size, a share, and a number of two digits or more stand for any of their kind;
 *   spaces stand for any number of spaces, since columns are as wide as what is in them.
 * A command must succeed unless the next one is `echo $?`, whose output is compared exactly. A
 * command below which nothing is written may print anything.
 */
import { readFileSync } from 'node:fs';

export interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

export interface Example {
  /** Of the block's first command. */
  readonly line: number;
  readonly steps: readonly Step[];
}

const stepsOf = (block: string): Step[] =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const [command = '', ...expected] = text.trimEnd().split('\n');
      return { command, expected };
    });

export const examplesOf = (page: string): Example[] => {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length + 1,
    steps: stepsOf(match[1] ?? ''),
  }));
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What differs from run to run, the longest form first. */
const varying: readonly (readonly [form: RegExp, any: string])[] = [
  [/^ +/, ' +'],
  [/^…/, '.*'],
  [/^\d+(?:\.\d+)? (?:ms|s)\b/, '\\d+(?:\\.\\d+)? (?:ms|s)'],
  [/^\d+(?:\.\d+)? [KMG]iB\b/, '\\d+(?:\\.\\d+)? [KMG]iB'],
  [/^\d+s\b/, '\\d+s'],
  [/^\d+%/, '\\d+%'],
  [/^\d[\d,]+/, '\\d[\\d,]*'],
];

const patternOf = (line: string): string => {
  let rest = line;
  let pattern = '';
  while (rest !== '') {
    const found = varying.find(([form]) => form.test(rest));
    const length = found?.[0].exec(rest)?.[0].length ?? 1;
    pattern += found?.[1] ?? escape(rest.slice(0, 1));
    rest = rest.slice(length);
  }
  return pattern;
};

/** Whether `printed` is what `expected` describes. */
export const isAsWritten = (expected: readonly string[], printed: string): boolean => {
  const lines = printed === '' ? [] : printed.replace(/\n$/, '').split('\n');
  const whole = expected.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${patternOf(line)} *\\n`));
  return new RegExp(`^${whole.join('')}$`).test(lines.map((line) => `${line}\n`).join(''));
};
