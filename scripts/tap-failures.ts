/**
 * The failures of a TAP report of node:test, each with its place and what it said: the end of a long
 * run's output is what people, and machines that keep only the end of it, get to see.
 */

const MOST_LINES = 30;

/** A suite or file that failed because of what is in it says nothing new. */
const isOfOthers = (block: string): boolean => /^\s*failureType: 'subtestsFailed'$/m.test(block);

export const failuresIn = (tap: string): readonly string[] => {
  const lines = tap.split('\n');
  return lines.flatMap((line, at) => {
    const found = /^(\s*)not ok \d+ - (.*)$/.exec(line);
    if (found === null || lines[at + 1]?.trim() !== '---') return [];
    const [, indent = '', name = ''] = found;
    const end = lines.findIndex((other, index) => index > at && other === `${indent}  ...`);
    const block = lines.slice(at + 2, end === -1 ? undefined : end);
    if (isOfOthers(block.join('\n'))) return [];
    const said = block
      .map((one) => one.slice(indent.length + 2))
      .filter((one) => !/^(type|failureType|code|operator): /.test(one))
      .slice(0, MOST_LINES);
    return [[name, ...said.map((one) => `    ${one}`)].join('\n')];
  });
};
