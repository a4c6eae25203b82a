/** The command line of a run. */
import { parseArgs } from 'node:util';
import type { Depth } from '../scenarios/scenario.ts';

export const usage = `Usage: npm run bench -- [--quick] [--only <scenario>[,<scenario>]] [--write]

  --quick   one short round of each scenario: to look, not to publish
  --only    only these: {scenarios}
  --write   put the tables into docs/benchmarks.md
  --help    this text

The tables go to stdout, progress to stderr, and everything measured to bench/results/.
Exits with 1 when something could not be measured; a missed goal is a result, not an error.
`;

export interface Options {
  readonly depth: Depth;
  /** Empty: all. */
  readonly only: readonly string[];
  readonly write: boolean;
  readonly help: boolean;
}

/** Throws a TypeError for what it does not know. */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '');
  return { depth: values.quick ? 'quick' : 'full', only, write: values.write, help: values.help };
};
