/** The flags that say how an app is to run, shared by start, run, reload and restart. */
import type { Command } from 'commander';

const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

export const addSettings = (command: Command): Command =>
  command
    .option('-i, --instances <count>', 'workers: a number, max, -1 (all CPUs but one) or 50%')
    .option('--accept <mode>', 'how connections reach workers: per-worker or shared')
    .option('--ready <check>', 'ready when: listening, message, started, or a /path answers')
    .option('--ready-timeout <time>', 'how long a worker may take to be ready (30s)')
    .option('--cwd <dir>', 'working directory of the app')
    .option('--node-args <args>', 'flags for Node itself')
    .option('--interpreter <program>', 'what runs the script; another Node, for example')
    .option('--stop-signal <signal>', 'what asks the app to end (SIGTERM)')
    .option('--drain-timeout <time>', 'how long open connections may take to end (30s)')
    .option('--kill-timeout <time>', 'from the stop signal to SIGKILL (10s)')
    .option('--max-memory <size>', 'replace a worker that has grown beyond this, e.g. 300M')
    .option('--hang-timeout <time>', 'replace a worker whose event loop is blocked for this long')
    .option('--max-restarts <count>', 'give up after so many restarts')
    .option('--stop-exit-codes <codes>', 'exit codes that are a wanted end, e.g. 0,3')
    // Both forms, or commander would take the positive one for given.
    .option('--autorestart', 'start a worker that ends again (the default)')
    .option('--no-autorestart', 'a worker that ends stays ended')
    .option('--env <KEY=VALUE>', 'a variable for the app; may be repeated', collect);

export const addPatch = (command: Command): Command =>
  addSettings(command).option('--update-env', "take over this shell's environment");
