/** `skein completion`: a script for bash, zsh or fish, made of the command tree. */
import type { Command } from 'commander';
import { readOneOf } from '../../config/values.ts';
import type { Run } from '../context.ts';
import { print } from '../context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Commands whose arguments are names of apps. */
const takesApps = new Set([
  'start',
  'stop',
  'restart',
  'reload',
  'rollback',
  'scale',
  'list',
  'ls',
  'status',
  'describe',
  'logs',
  'delete',
  'del',
  'env',
  'reset',
  'pid',
  'id',
  'monit',
]);
/** Commands whose argument is a file. */
const takesFile = new Set(['start', 'run', 'apply', 'config', 'reload', 'restart']);

interface Completable {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly { readonly name: string; readonly summary: string }[];
}

const completables = (program: Command): Completable[] =>
  program.commands.flatMap((command) => {
    const flags = command.options.map((option) => ({
      name: option.long ?? option.flags,
      summary: option.description,
    }));
    return [command.name(), ...command.aliases()].map((name) => ({
      name,
      summary: command.description(),
      flags,
    }));
  });

/** Prints the names of the apps that run, a word each. */
const appNames = `skein list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4`;

const names = (of: ReadonlySet<string>): string => [...of].join('|');

const bash = (
  commands: readonly Completable[],
): string => `# Completion of skein for bash: source <(skein completion bash)
_skein() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${commands.map(({ name }) => name).join(' ')}"
  elif [ "\${word#-}" != "$word" ]; then
    case "\${COMP_WORDS[1]}" in
${commands.map(({ name, flags }) => `      ${name}) words="${flags.map((flag) => flag.name).join(' ')}" ;;`).join('\n')}
    esac
  else
    case "\${COMP_WORDS[1]}" in
      ${names(takesApps)}) words="all $(${appNames})" ;;
    esac
    case "\${COMP_WORDS[1]}" in
      ${names(takesFile)}) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
  fi
  COMPREPLY+=($(compgen -W "$words" -- "$word"))
}
complete -o filenames -F _skein skein`;

const zshQuoted = (text: string): string => text.replace(/'/g, "'\\''").replace(/([[\]:])/g, '\\$1');

const zsh = (commands: readonly Completable[]): string => `#compdef skein
# Completion of skein for zsh: source <(skein completion zsh)
_skein() {
  local -a commands flags
  commands=(
${commands.map(({ name, summary }) => `    '${name}:${zshQuoted(summary)}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${commands
  .map(
    ({ name, flags }) =>
      `    ${name}) flags=(${flags.map((flag) => `'${flag.name}:${zshQuoted(flag.summary)}'`).join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then
    _describe option flags
    return
  fi
  case "$words[2]" in
    ${names(takesApps)}) compadd all \${(f)"$(${appNames})"} ;;
  esac
  case "$words[2]" in
    ${names(takesFile)}) _files ;;
  esac
}
compdef _skein skein`;

const fishQuoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

const fish = (commands: readonly Completable[]): string =>
  [
    '# Completion of skein for fish: skein completion fish | source',
    'complete -c skein -f',
    ...commands.map(
      ({ name, summary }) =>
        `complete -c skein -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
    ),
    ...commands.flatMap(({ name, flags }) =>
      flags.map(
        (flag) =>
          `complete -c skein -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.replace(/^--/, '')} -d ${fishQuoted(flag.summary)}`,
      ),
    ),
    `complete -c skein -n '__fish_seen_subcommand_from ${[...takesApps].join(' ')}' -a "all (${appNames})"`,
    `complete -c skein -n '__fish_seen_subcommand_from ${[...takesFile].join(' ')}' -F`,
  ].join('\n');

const writers = { bash, zsh, fish } as const;

export const completionFor =
  (program: Command): Run<object> =>
  async (context, [shell = '']) => {
    const write = writers[readOneOf('completion', shell, shells)];
    print(context.stdout, write(completables(program)));
    return 0;
  };
