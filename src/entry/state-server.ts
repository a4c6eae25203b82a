/**
 * Composition root of the state server: `--socket <path>`, `--idle <duration>`. The holder is its
 * parent. It ends by itself, with 0, when nobody needs it, and with 1 when its socket is another's; a
 * signal that a terminal sends to all is for the workers, who may still use it while they drain.
 */
import { parseArgs } from 'node:util';
import { parseDuration } from '../core/duration.ts';
import { keepFilesPrivate } from '../os/umask.ts';
import { startStateServer } from '../state/server/server.ts';

const { values } = parseArgs({
  options: { socket: { type: 'string' }, idle: { type: 'string', default: '60s' } },
});
const { socket: path } = values;
const idleMs = parseDuration(values.idle);
process.title = 'skein state';
keepFilesPrivate();

const log = (text: string): void => {
  process.stderr.write(`skein state: ${text}\n`);
};
// Who reads what it says may be gone.
process.stderr.on('error', () => {});
// SIGTERM ends it as it ends any program: an end by its own will is one with nothing in it.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});

if (path === undefined || idleMs === undefined) {
  log('it needs --socket <path>, and --idle <duration> may be given');
  process.exit(2);
}

startStateServer({ path, idleMs, log, onEnd: (why) => process.exit(why === 'idle' ? 0 : 1) }).catch(
  (error: unknown) => {
    log(`its socket cannot be made: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
