/** The flags that say how an app is to run, shared by start, run, reload and restart. */
import type { Command } from 'commander';

const collect = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
];

export const addSettings = (command: Command): Command =>
  command
    .option('-i, --instances <count>', 'workers: a number, max, -1 (all CPUs but one) or 50%')
    .option('--accept <mode>', 'listening sockets: per-worker (one each) or shared')
    .option('--ready <check>', 'when a worker is ready: listening, message, /path (answers), auto, started')
    .option('--ready-timeout <time>', 'how long a worker may take to be ready (30s)')
    .option('--cwd <dir>', 'working directory of the app')
    .option('--node-args <args>', 'flags for Node itself, in one word: "--a --b"')
    .option('--interpreter <program>', 'program that runs the script, e.g. another node')
    .option('--stop-signal <signal>', 'signal that asks the app to end (SIGTERM)')
    .option('--drain-timeout <time>', 'how long open connections may take to end (30s)')
    .option('--kill-timeout <time>', 'from the stop signal to SIGKILL (10s)')
    .option('--max-memory <size>', 'replace a worker that has grown beyond this, e.g. 300M')
    .option('--hang-timeout <time>', 'replace a worker whose event loop is blocked for this long')
    .option('--max-restarts <count>', 'give up after so many within 5 minutes, or none')
    .option('--stop-exit-codes <codes>', 'exit codes after which it is not restarted: 0,3')
    // Both forms, or commander would take the positive one for given.
    .option('--autorestart', 'restart workers that end (the default)')
    .option('--no-autorestart', 'do not restart workers that end')
    .option('--env <KEY=VALUE>', 'environment variable for the app; repeatable', collect)
    .addHelpText(
      'after',
      '\nTimes are written 500ms, 30s, 2m or 1h, sizes 300M or 1.5G (powers of 1024).\n`none` takes away a limit of memory, hang time or restarts.',
    );

export const addPatch = (command: Command): Command =>
  addSettings(command).option('--update-env', "replace its environment by this shell's");
