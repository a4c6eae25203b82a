/** The OpenRC script: supervise-daemon(8) keeps the service running. */
import type { BootService } from './boot-service.ts';
import { MARK, OPEN_FILES, RELOAD, RESURRECT, STOP_WITHIN_SECONDS, describeOwner } from './boot-service.ts';
import { shellQuoted } from './shell.ts';

export const openrcScript = (service: BootService): string => {
  const { name, user, home, path, node, bin } = service;
  const words = (rest: readonly string[]): string => [bin, ...rest].map(shellQuoted).join(' ');
  return [
    '#!/sbin/openrc-run',
    `# ${MARK}`,
    '',
    `name=${shellQuoted(name)}`,
    `description=${shellQuoted(describeOwner(service))}`,
    'supervisor=supervise-daemon',
    `command=${shellQuoted(node)}`,
    // Evaluated by the shell once more.
    `command_args=${shellQuoted(words(RESURRECT))}`,
    ...(user === null ? [] : [`command_user=${shellQuoted(user)}`]),
    `retry="SIGTERM/${STOP_WITHIN_SECONDS}/SIGKILL/5"`,
    'respawn_delay=2',
    'respawn_max=0',
    `rc_ulimit="-n ${OPEN_FILES}"`,
    'extra_started_commands="reload"',
    '',
    `export SKEIN_HOME=${shellQuoted(home)}`,
    `export PATH=${shellQuoted(path)}`,
    '',
    'depend() {',
    '  need net',
    '  use dns logger',
    '  after firewall',
    '}',
    '',
    'reload() {',
    '  ebegin "Reloading ${RC_SVCNAME}"',
    `  ${shellQuoted(node)} ${words(RELOAD)}`,
    '  eend $?',
    '}',
    '',
  ].join('\n');
};
