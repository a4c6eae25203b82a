/**
 * Composition root of the holder. Started detached by the first command, or as a child of
 * `skein run` (`--foreground`, with a pipe on stdin that ends when `skein run` dies) or of
 * `skein resurrect --foreground` (`--tied`: the same pipe, and else as in the background).
 *
 * Says on file descriptor 3, in one JSON line, how its start went: `{"ready":true}`,
 * `{"taken":true}` when another
 * holder has this home (and is ready), or `{"error":{…}}`.
 */
import { chmodSync, closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SkeinError, asSkeinError } from '../core/errors.ts';
import { entryFile } from '../core/entry-url.ts';
import { createLog } from '../core/log.ts';
import { version } from '../core/version.ts';
import type { BoundHandle } from '../holder/handles.ts';
import { bindPipe } from '../holder/handles.ts';
import { createHolder } from '../holder/holder.ts';
import { homeFrom } from '../os/home.ts';
import { lockHome } from '../os/lock.ts';
import { keepFilesPrivate } from '../os/umask.ts';
import { KEPT_PREFIX } from '../protocol/holder.ts';

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    foreground: { type: 'boolean', default: false },
    // Ends in order when its stdin does.
    tied: { type: 'boolean', default: false },
  },
});
const home = homeFrom(values.home!);
const foreground = values.foreground;
process.title = 'skein holder';
// Sockets and files are made for this user alone.
keepFilesPrivate();

let told = false;
const tell = (line: object): void => {
  if (told) return;
  told = true;
  try {
    writeSync(3, `${JSON.stringify(line)}\n`);
    closeSync(3);
  } catch {
    // Nobody asked, or who asked is gone.
  }
};

const log = createLog(home.holderLog);

const fail = (error: SkeinError): never => {
  tell({ error: error.toData() });
  process.exit(error.exitCode);
};

const bindSocket = (path: string): BoundHandle => {
  // The lock is ours, so what lies here belonged to a holder that is dead.
  rmSync(path, { force: true });
  const bound = bindPipe(path);
  if (typeof bound === 'number')
    return fail(new SkeinError('E_HOME', { home: home.dir, reason: `${path} cannot be bound` }));
  if (process.platform !== 'win32') chmodSync(path, 0o600);
  return bound;
};

/** Secrets that the command knows are not for the environment of the supervisor. */
const takeKept = (): Record<string, string> => {
  let text = '';
  for (let nth = 0; process.env[`${KEPT_PREFIX}${nth}`] !== undefined; nth += 1) {
    text += process.env[`${KEPT_PREFIX}${nth}`];
    delete process.env[`${KEPT_PREFIX}${nth}`];
  }
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>);
};

const main = async (): Promise<void> => {
  const lock = await lockHome(home.dir);
  if (lock.taken) {
    await lock.ready;
    tell({ taken: true });
    process.exit(0);
  }
  writeFileSync(home.holderPid, JSON.stringify({ pid: process.pid, version, startedAt: Date.now() }), {
    mode: 0o600,
  });
  const logFd = openSync(home.supervisorLog, 'a', 0o600);
  let ready = false;
  const holder = createHolder({
    home: home.dir,
    version,
    foreground,
    supervisorFile: entryFile('supervisor'),
    stdout: foreground ? 1 : logFd,
    stderr: foreground ? 2 : logFd,
    kept: takeKept(),
    sockets: { control: bindSocket(home.controlSocket), workers: bindSocket(home.workerSocket) },
    log: (text) => log('info', text),
    onReady: () => {
      ready = true;
      lock.markReady();
      tell({ ready: true });
    },
    onSupervisorExit: (text) => {
      // One that never came up has nothing to lose, and its user waits for an answer.
      if (ready) return;
      end();
      fail(
        new SkeinError('E_START_FAILED', {
          home: home.dir,
          reason: `the ${text}`,
          log: home.supervisorLog,
        }),
      );
    },
    onExit: (code) => {
      end();
      process.exit(code);
    },
  });
  const end = (): void => {
    for (const file of [home.controlSocket, home.workerSocket, home.stateSocket, home.holderPid])
      rmSync(file, { force: true });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => holder.askToEnd(signal));
  // Its terminal is gone; the workers must not notice.
  process.on('SIGHUP', () => {});
  process.on('uncaughtException', (error) => log('error', 'uncaught', { stack: error.stack }));
  if (foreground || values.tied) process.stdin.on('end', () => holder.askToEnd('SIGTERM')).resume();
  holder.start();
};

main().catch((error: unknown) => fail(asSkeinError(error, home.holderLog)));
