/**
 * The command tree: every command, argument and option with its one line of help. The commands
 * themselves are in commands/, each loaded only when it is the one that runs.
 */
import type { CommanderError } from 'commander';
import { Command } from 'commander';
import { SkeinError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Context, Run } from './context.ts';
import type { Add } from './groups/add.ts';
import { addAppCommands } from './groups/app.ts';
import { addBalance, addBalanceStatus } from './groups/balance.ts';
import { addHabits } from './groups/habits.ts';
import { addLookCommands } from './groups/look.ts';
import { addSkeinCommands } from './groups/skein.ts';

/** How commander ends where nothing went wrong: its help or the version was asked for. */
const isNoError = ({ exitCode }: CommanderError): boolean => exitCode === 0;

/** `skein balance status` */
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

/** `error: unknown command 'strat'\n(Did you mean start?)` as one sentence. */
const asUsageError = (error: CommanderError, command: Command): SkeinError => {
  const [first = '', ...rest] = error.message
    .replace(/^error: /, '')
    .split('\n')
    .filter((line) => line !== '');
  const reason = `${first.charAt(0).toUpperCase()}${first.slice(1)}.${rest.map((line) => ` ${line.replace(/^\((.*)\)$/, '$1')}`).join('')}`;
  const path = pathOf(command);
  return new SkeinError('E_USAGE', { reason: reason.replace('..', '.'), command: path }, { cause: error });
};

/**
 * @param onExit Called with the exit code of the command that has run.
 */
export const createProgram = (context: Context, onExit: (code: number) => void): Command => {
  const program = new Command('skein');

  /** Adds commands to one that has commands of its own; `load` gets a command's file. */
  const addTo =
    (parent: Command): Add =>
    <Options>(
      spec: string,
      summary: string,
      load: () => Promise<{ readonly run: Run<Options> }>,
    ): Command => {
      const command = parent.command(spec).description(summary);
      return command
        .exitOverride((error) => {
          throw isNoError(error) ? error : asUsageError(error, command);
        })
        .action(async () => {
          const { run } = await load();
          onExit(await run(context, command.args, command.opts<Options & object>()));
        });
    };
  const add = addTo(program);

  program
    // `--json` in `balance status --json` is of `status`, though `balance` has one too.
    .enablePositionalOptions()
    .usage('<command> [options]')
    .description('Runs an app on every core and never drops a request.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
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

  program.commandsGroup('Apps:');
  addAppCommands(add);
  program.commandsGroup('What runs:');
  addLookCommands(add);
  addBalanceStatus(addBalance(add), addTo);
  program.commandsGroup('Skein itself:');
  addSkeinCommands(add);
  program.commandsGroup('For those who come from PM2:');
  addHabits(add);
  program.commandsGroup('Help:');
  add('completion', 'print a completion script for a shell', async () => {
    const { completionFor } = await import('./commands/completion.ts');
    return { run: completionFor(program) };
  }).argument('<shell>', 'bash, zsh or fish');
  program.helpCommand('help [command]', 'show help for a command');
  return program;
};
