/** Colours where the output is a terminal; NO_COLOR and FORCE_COLOR are honoured by Node. */
import { styleText } from 'node:util';
import type { Output } from '../context.ts';

type Format = Parameters<typeof styleText>[0];

export type Paint = (format: Format, text: string) => string;

/** A painter for one output. Something that is no stream, as in a test, gets no colours. */
export const painterFor =
  (output: Output): Paint =>
  (format, text) =>
    output.isTTY === true && 'getColorDepth' in output
      ? styleText(format, text, { stream: output as unknown as NodeJS.WriteStream })
      : text;
