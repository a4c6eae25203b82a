/** What the groups of commands share: how one command is added to the tree. */
import type { Command } from 'commander';
import type { Run } from '../context.ts';

/** Adds one command; `load` gets its file when it is the one that runs. */
export type Add = <Options>(
  spec: string,
  summary: string,
  load: () => Promise<{ readonly run: Run<Options> }>,
) => Command;

export const TARGETS = 'names, namespaces or ids of apps, `all`, or a /pattern/';

export const JSON_OPTION: readonly [string, string] = ['--json', 'print JSON'];
