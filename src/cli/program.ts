/**
 * The command tree: every command, argument and option with its one line of help. The commands
 * themselves are in commands/, each loaded only when it is the one that runs.
 */
import type { CommanderError } from 'commander';
import { Command } from 'commander';
import { SkeinError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Context, Run } from './context.ts';
import { addPatch, addSettings } from './settings-options.ts';

/** How commander ends where nothing went wrong: its help or the version was asked for. */
const isNoError = ({ exitCode }: CommanderError): boolean => exitCode === 0;

/** `error: unknown command 'strat'\n(Did you mean start?)` as one sentence. */
const asUsageError = (error: CommanderError, command: Command): SkeinError => {
  const [first = '', ...rest] = error.message
    .replace(/^error: /, '')
    .split('\n')
    .filter((line) => line !== '');
  const reason = `${first.charAt(0).toUpperCase()}${first.slice(1)}.${rest.map((line) => ` ${line.replace(/^\((.*)\)$/, '$1')}`).join('')}`;
  const path = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  return new SkeinError('E_USAGE', { reason: reason.replace('..', '.'), command: path }, { cause: error });
};

const TARGETS = 'names of apps, `all`, or a /pattern/';

/**
 * @param onExit Called with the exit code of the command that has run.
 */
export const createProgram = (context: Context, onExit: (code: number) => void): Command => {
  const program = new Command('skein');

  /** One command; `load` gets its file. */
  const add = <Options>(
    spec: string,
    summary: string,
    load: () => Promise<{ readonly run: Run<Options> }>,
  ): Command => {
    const command = program.command(spec).description(summary);
    return command
      .exitOverride((error) => {
        throw isNoError(error) ? error : asUsageError(error, command);
      })
      .action(async () => {
        const { run } = await load();
        onExit(await run(context, command.args, command.opts<Options & object>()));
      });
  };
  const json = '--json';
  const jsonText = 'print JSON';

  program
    .usage('<command> [options]')
    .description('Runs an app on every core and never drops a request.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride((error) => {
      throw isNoError(error) ? error : asUsageError(error, program);
    })
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', ') })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // What was wrong is told once, with everything else that can go wrong, by main.ts.
      outputError: () => {},
      getOutHelpWidth: () => context.stdout.columns ?? 80,
    })
    .addHelpText(
      'after',
      '\nFiles are kept in SKEIN_HOME. Exit codes: 0 done, 1 bug, 2 usage, 3 not found,\n4 app failed, 5 Skein not reachable, 6 permission, 7 conflict, 8 timeout.',
    );

  addPatch(
    add('start', 'start a script as an app, or a stopped app again', () => import('./commands/start.ts')),
  )
    .argument('[script-or-app...]', 'a file, a program in PATH, or names of stopped apps')
    .usage('[options] <script> [-- arguments]\n       skein start [options] <app...>')
    .option('-n, --name <name>', "the app's name; that of the script by default")
    .option('--no-wait', 'return at once, not when every worker is ready')
    .option(json, jsonText);
  addSettings(
    add(
      'run',
      'run a script in the foreground, for containers and systemd',
      () => import('./commands/run.ts'),
    ),
  )
    .argument('<script>', 'a file, or a program in PATH')
    .usage('[options] <script> [-- arguments]')
    .option('-n, --name <name>', "the app's name; that of the script by default");
  add('stop', 'drain and stop apps; `start` brings them back', () => import('./commands/stop.ts'))
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  addPatch(
    add(
      'restart',
      'stop apps, then start them (`reload` leaves no gap)',
      () => import('./commands/restart.ts'),
    ),
  )
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  addPatch(
    add('reload', 'replace all workers, without losing a request', () => import('./commands/reload.ts')),
  )
    .argument('[app...]', TARGETS)
    .option('-p, --parallel <count>', 'how many new workers may start at once (1)')
    .option(json, jsonText);
  add('rollback', 'reload with the settings before the last reload', () => import('./commands/rollback.ts'))
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  add('scale', 'change the number of workers: 8, +2, -1, max or 50%', () => import('./commands/scale.ts'))
    .argument('[app-and-count...]', 'apps, and last the number of workers')
    .usage('[options] <app...> <count>')
    .option(json, jsonText);
  add('list', 'show what runs: apps and their workers', () => import('./commands/list.ts'))
    .aliases(['ls', 'status'])
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  add(
    'describe',
    'show the settings, workers and last events of apps',
    () => import('./commands/describe.ts'),
  )
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  add('logs', 'show what apps print', () => import('./commands/logs.ts'))
    .argument('[app...]', TARGETS)
    .option('-n, --lines <count>', 'how many lines, the last of each log', '15')
    .option('-f, --follow', 'go on with new lines, until Ctrl-C')
    .option('--err', 'only what went to stderr')
    .option('--out', 'only what went to stdout')
    .option(json, 'print JSON, one line each');
  add('events', 'show what Skein has done and seen', () => import('./commands/events.ts'))
    .option('-f, --follow', 'go on with new events, until Ctrl-C')
    .option('--since <time>', 'only events of the last 10m, 2h, …')
    .option(json, 'print JSON, one line each');
  add('signal', 'send a signal to the workers of apps', () => import('./commands/signal.ts'))
    .argument('<signal>', 'a name such as SIGUSR2 or HUP')
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  add('delete', 'stop apps and forget them', () => import('./commands/delete.ts'))
    .alias('del')
    .argument('[app...]', TARGETS)
    .option(json, jsonText);
  add('kill', 'stop every app and Skein itself', () => import('./commands/kill.ts')).option(json, jsonText);
  add('ping', 'show pid, version and uptime of Skein itself', () => import('./commands/ping.ts')).option(
    json,
    jsonText,
  );
  add('completion', 'print a completion script for a shell', async () => {
    const { completionFor } = await import('./commands/completion.ts');
    return { run: completionFor(program) };
  }).argument('<shell>', 'bash, zsh or fish');
  return program;
};
