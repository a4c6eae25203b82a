/**
 * Installs the Debian packages that tests need. Where apt cannot be used it says what is missing
 * and goes on: the tests that need it then fail by name, nothing is skipped.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Need {
  /** Looked up in PATH. */
  readonly program: string;
  readonly debianPackage: string;
  readonly why: string;
}

const needs: readonly Need[] = [
  { program: 'wrk', debianPackage: 'wrk', why: 'load for benchmarks and the loss tests' },
  { program: 'python3', debianPackage: 'python3', why: 'an app that is not Node' },
  { program: 'systemd-analyze', debianPackage: 'systemd', why: 'checks the units that `startup` writes' },
  { program: 'script', debianPackage: 'bsdutils', why: 'commands at a terminal' },
  { program: 'redis-server', debianPackage: 'redis-server', why: 'shared state over many machines' },
  { program: 'memcached', debianPackage: 'memcached', why: 'the cache in Memcached' },
  { program: 'openssl', debianPackage: 'openssl', why: 'certificates for tests' },
  { program: 'nginx', debianPackage: 'nginx-light', why: 'the balancer is compared with it' },
  { program: 'haproxy', debianPackage: 'haproxy', why: 'the balancer is compared with it' },
];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const searchPath = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
const isMissing = ({ program }: Need): boolean => !searchPath.some((dir) => isExecutable(join(dir, program)));

/** How to become root without being asked for a password; undefined when that is not possible. */
const rootPrefix = (): readonly string[] | undefined => {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
};

const apt = (prefix: readonly string[], args: readonly string[]): boolean => {
  const [file, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(file ?? 'env', rest, { stdio: ['ignore', 2, 2] }).status === 0;
};

/** What packages ask before they start a daemon (Debian policy 9.3.3.2); 101: they must not. */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Tests start their servers themselves, on ports and in folders of their own. A package's own start would
 * take port 80 of the machine: while this installs, nothing may start. A policy that is there is somebody's.
 */
const withoutDaemons = (prefix: readonly string[], install: () => void): void => {
  const run = (...args: readonly string[]): void => {
    const [file = '', ...rest] = [...prefix, ...args];
    spawnSync(file, rest, { stdio: ['ignore', 2, 2] });
  };
  if (existsSync(POLICY)) {
    install();
    return;
  }
  run('sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' >${POLICY} && chmod 755 ${POLICY}`);
  try {
    install();
  } finally {
    run('rm', '-f', POLICY);
  }
};

const missing = needs.filter(isMissing);
if (missing.length > 0) {
  const packages = missing.map((need) => need.debianPackage);
  const prefix = spawnSync('apt-get', ['--version']).status === 0 ? rootPrefix() : undefined;
  if (prefix !== undefined) {
    console.error(`provision: installing ${packages.join(', ')}`);
    // Lists that are there may be good enough, and a machine may have no network for new ones.
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    withoutDaemons(prefix, () => {
      if (apt(prefix, install)) return;
      apt(prefix, ['update']);
      apt(prefix, install);
    });
  }
}

for (const { program, debianPackage, why } of needs.filter(isMissing)) {
  console.error(
    `provision: ${program} is missing (${why}); tests that need it will fail. Install the Debian package ${debianPackage}.`,
  );
}
