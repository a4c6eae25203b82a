/** Where each service manager has its files, which commands it needs then, and which one is here. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { which } from '../../os/which.ts';
import type { BootService, ServiceManager } from './boot-service.ts';
import { launchdPlist } from './launchd.ts';
import { openrcScript } from './openrc.ts';
import { systemdUnit } from './systemd.ts';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface Form {
  /** Absolute path of the file. */
  readonly file: string;
  readonly mode: number;
  readonly text: string;
  /** Makes it start at boot; may be run again. */
  readonly enable: readonly Command[];
  readonly disable: readonly Command[];
  /** Starts it now. */
  readonly start: Command;
}

export interface FormOptions {
  /** Of another system than the one that runs, such as an image that is being built; '/': this one. */
  readonly root: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** `systemctl daemon-reload` needs a systemd that runs, and `enable` does not. */
export const systemdRuns = (): boolean => existsSync('/run/systemd/system');

const systemd = (service: BootService, { root, env }: FormOptions): Form => {
  const { name, user } = service;
  const own = user === null;
  const dir = own
    ? join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? homedir(), '.config'), 'systemd', 'user')
    : join(root, 'etc/systemd/system');
  const systemctl = (...args: string[]): Command => [
    'systemctl',
    ...(own ? ['--user'] : []),
    ...(root === '/' ? [] : [`--root=${root}`]),
    ...args,
  ];
  const again = root === '/' && systemdRuns() ? [systemctl('daemon-reload')] : [];
  return {
    file: join(dir, `${name}.service`),
    mode: 0o644,
    text: systemdUnit(service),
    enable: [...again, systemctl('enable', `${name}.service`)],
    disable: [systemctl('disable', `${name}.service`), ...again],
    start: systemctl('start', name),
  };
};

const openrc = (service: BootService, { root }: FormOptions): Form => ({
  file: join(root, 'etc/init.d', service.name),
  mode: 0o755,
  text: openrcScript(service),
  enable: [['rc-update', 'add', service.name, 'default']],
  disable: [['rc-update', 'del', service.name, 'default']],
  start: ['rc-service', service.name, 'start'],
});

const launchd = (service: BootService, { root, env }: FormOptions): Form => {
  const own = service.user === null;
  const dir = own
    ? join(env['HOME'] ?? homedir(), 'Library/LaunchAgents')
    : join(root, 'Library/LaunchDaemons');
  const file = join(dir, `${service.name}.plist`);
  const domain = own ? `gui/${process.getuid?.() ?? 0}` : 'system';
  // launchd reads its directories at boot and at login.
  return {
    file,
    mode: 0o644,
    text: launchdPlist(service),
    enable: [],
    disable: [],
    start: ['launchctl', 'bootstrap', domain, file],
  };
};

const forms = { systemd, openrc, launchd };

export const formOf = (manager: ServiceManager, service: BootService, options: FormOptions): Form =>
  forms[manager](service, options);

/** The one that runs here; undefined when it is none that is known. */
export const presentManager = (searchPath: string | undefined): ServiceManager | undefined => {
  if (process.platform === 'darwin') return 'launchd';
  if (process.platform !== 'linux') return undefined;
  if (systemdRuns()) return 'systemd';
  if (existsSync('/run/openrc') || existsSync('/sbin/openrc-run')) return 'openrc';
  return which('systemctl', searchPath) === undefined ? undefined : 'systemd';
};
