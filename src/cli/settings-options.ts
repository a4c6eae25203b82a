/** The flags that say how an app is to run, shared by start, run, reload and restart; from the tables of settings. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { FlagField } from '../config/settings.ts';
import { flagFields } from '../config/settings.ts';

/** For options that may be repeated. */
export const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

const addFlag = (command: Command, { flag, long, section }: FlagField): void => {
  const group = `${section}:`;
  const option = new Option(flag.option, flag.summary).helpGroup(group);
  command.addOption(flag.repeatable === true ? option.argParser(collect) : option);
  // Both forms, or commander would take the positive one for given.
  if (flag.negative !== undefined)
    command.addOption(new Option(`--no-${long.slice(2)}`, flag.negative).helpGroup(group));
};

export const addSettings = (command: Command): Command => {
  for (const field of flagFields) addFlag(command, field);
  return command.addHelpText(
    'after',
    '\nTimes are written 500ms, 30s, 2m or 1h, sizes 300M or 1.5G (powers of 1024).\n`none` takes away a limit of memory, hang time or restarts.',
  );
};

export const addPatch = (command: Command): Command =>
  addSettings(command).option('--update-env', "replace its environment by this shell's");
