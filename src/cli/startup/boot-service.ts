/** What a service manager is told about Skein, and where it looks for it. */

export const serviceManagers = ['systemd', 'openrc', 'launchd'] as const;

export type ServiceManager = (typeof serviceManagers)[number];

export interface BootService {
  /** Of the unit, without an ending. */
  readonly name: string;
  /** The user that it runs as, in a service of the machine; null: a service of this user's own. */
  readonly user: string | null;
  /** SKEIN_HOME. */
  readonly home: string;
  /** PATH of Skein; each app has that of the shell that started it. */
  readonly path: string;
  /** Absolute paths. */
  readonly node: string;
  readonly bin: string;
  /** systemd-notify is there. */
  readonly notify: boolean;
}

/** By it a file is known as one of ours, which may be replaced and removed. */
export const MARK = 'Written by `skein startup`; `skein unstartup` removes it.';

export const RESURRECT = ['resurrect', '--foreground'] as const;
export const RELOAD = ['reload', 'all'] as const;

/** Above drain and kill limit of an app with default settings; Skein asks for more where it needs it. */
export const STOP_WITHIN_SECONDS = 60;

export const OPEN_FILES = 524_288;

export const describeOwner = ({ user, home }: BootService): string =>
  user === null ? `Skein: apps in ${home}` : `Skein: apps of ${user}`;
