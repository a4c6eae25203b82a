/** The systemd unit. */
import type { BootService } from './boot-service.ts';
import { MARK, OPEN_FILES, RELOAD, RESURRECT, STOP_WITHIN_SECONDS, describeOwner } from './boot-service.ts';

/** systemd.unit(5): specifiers begin with `%`; quotes keep spaces together. */
const quoted = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('%', '%%')}"`;

/** In command lines `$` begins a variable too, but not in the name of the program. */
const argument = (text: string): string => quoted(text).replaceAll('$', '$$$$');

const command = ({ node, bin }: BootService, words: readonly string[]): string =>
  [quoted(node), argument(bin), ...words].join(' ');

/**
 * What is taken from a service must not be missed by any app. A user's own manager cannot set up more
 * than the first. As root, apps are there for what root is for, and workers may become other users.
 */
const hardening = ({ user, home }: BootService): string[] => {
  if (user === null) return ['NoNewPrivileges=yes'];
  const harmless = ['ProtectControlGroups=yes', 'ProtectHostname=yes'];
  if (user === 'root') return harmless;
  return [
    'NoNewPrivileges=yes',
    // Ports below 1024: setcap(8) on node has no effect under NoNewPrivileges.
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    'ProtectSystem=full',
    `ReadWritePaths=${quoted(`-${home}`)}`,
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'RestrictRealtime=yes',
    ...harmless,
  ];
};

export const systemdUnit = (service: BootService): string => {
  const { user, home, path, notify } = service;
  const life = notify
    ? // systemd-notify(1) is a process of its own, not the main one.
      ['Type=notify', 'NotifyAccess=all', 'WatchdogSec=60']
    : ['Type=simple'];
  return [
    `# ${MARK}`,
    `# To change it: systemctl ${user === null ? '--user ' : ''}edit ${service.name}`,
    '[Unit]',
    `Description=${describeOwner(service).replaceAll('%', '%%')}`,
    ...(user === null ? [] : ['Wants=network-online.target', 'After=network-online.target']),
    // Trying again is better than giving up on all apps.
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    ...life,
    ...(user === null ? [] : [`User=${user}`]),
    `Environment=${quoted(`SKEIN_HOME=${home}`)}`,
    `Environment=${quoted(`PATH=${path}`)}`,
    `ExecStart=${command(service, RESURRECT)}`,
    `ExecReload=${command(service, RELOAD)}`,
    // SIGTERM to the main process alone: it drains the workers, and whatever is left is killed.
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_WITHIN_SECONDS}`,
    'Restart=on-failure',
    'RestartSec=2',
    // Usage, permission, and a Skein that runs there already: trying again does not help.
    'RestartPreventExitStatus=2 6 7',
    // A worker that runs out of memory is replaced by Skein; the others stay.
    'OOMPolicy=continue',
    `LimitNOFILE=${OPEN_FILES}`,
    'TasksMax=infinity',
    ...hardening(service),
    '',
    '[Install]',
    `WantedBy=${user === null ? 'default.target' : 'multi-user.target'}`,
    '',
  ].join('\n');
};
