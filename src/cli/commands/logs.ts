/** `skein logs`: what workers have printed. */
import { SkeinError } from '../../core/errors.ts';
import { readCount, readDuration } from '../../config/values.ts';
import { createControlClient } from '../../control/client.ts';
import type { LogLine } from '../../protocol/control.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { createLogPrinter } from '../output/log-line.ts';

export interface LogsOptions {
  readonly lines?: string;
  readonly follow?: boolean;
  readonly err?: boolean;
  readonly out?: boolean;
  readonly json?: boolean;
  readonly since?: string;
  readonly grep?: string;
}

const DEFAULT_LINES = 15;

/** `text`, or `/text/i`. Searched here: a pattern that takes for ever holds up nobody else. */
const matcher = (pattern: string): ((line: LogLine) => boolean) => {
  const [, source = pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [];
  try {
    const expression = new RegExp(source, flags.replace(/[gy]/g, ''));
    return ({ text }) => expression.test(text);
  } catch (error) {
    throw new SkeinError('E_BAD_PATTERN', { pattern, reason: (error as Error).message });
  }
};

const countOf = ({ lines, since }: LogsOptions): number | undefined => {
  if (lines !== undefined) return readCount('--lines', lines, 0);
  return since === undefined ? DEFAULT_LINES : undefined;
};

export const run: Run<LogsOptions> = async (context, targets, options) => {
  const { err, out, since, grep, json = false } = options;
  const format = createLogPrinter(context.stdout);
  const lines = createControlClient(context.home).logs({
    targets,
    lines: countOf(options),
    since: since === undefined ? undefined : Date.now() - readDuration('--since', since),
    follow: options.follow === true,
    // Both are as good as neither.
    stream: err === out ? undefined : err === true ? 'err' : 'out',
    ...(grep !== undefined && { accept: matcher(grep) }),
    onMissed: (missed) =>
      print(
        context.stderr,
        `skein: ${missed} lines came faster than they could be shown; they are in the log files.`,
      ),
  });
  for await (const line of lines) {
    if (json) printJson(context.stdout, line);
    else print(context.stdout, format(line));
  }
  return 0;
};
