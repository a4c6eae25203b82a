/** A line of a worker's output, with the worker's name in front. */
import type { LogLine } from '../../protocol/control.ts';
import type { Output } from '../context.ts';
import { painterFor } from './style.ts';

const colours = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const;

const nameOf = ({ app, slot }: LogLine): string => (slot === null ? app : `${app}.${slot}`);

/** A formatter that gives each worker a colour of its own and keeps the names in one column. */
export const createLogPrinter = (output: Output): ((line: LogLine) => string) => {
  const paint = painterFor(output);
  const colourOf = new Map<string, (typeof colours)[number]>();
  let width = 0;
  return (line) => {
    const name = nameOf(line);
    const colour = colourOf.get(name) ?? colours[colourOf.size % colours.length] ?? 'cyan';
    colourOf.set(name, colour);
    width = Math.max(width, name.length);
    return `${paint(colour, name.padEnd(width))} ${paint(line.stream === 'err' ? 'red' : 'gray', '|')} ${line.text}`;
  };
};
