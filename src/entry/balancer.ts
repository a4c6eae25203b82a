/**
 * Composition root of a balancer, which is an app that Skein runs: its supervisor sends snapshots. Where
 * Skein does not run it, SKEIN_BALANCER_SNAPSHOT is the path of a file with one, read again at SIGHUP.
 */
import { Balancer } from '../balancer/app.ts';
import { runByFile } from '../balancer/run-by-file.ts';
import { runByLink } from '../balancer/run-by-link.ts';
import type { Log } from '../core/log.ts';
import { appLink } from '../protocol/app-link.ts';

/** Standard output is for the access log. */
const log: Log = (level, message, details) => {
  const more = details === undefined ? '' : ` ${JSON.stringify(details)}`;
  process.stderr.write(`skein balancer: ${level === 'info' ? '' : `${level}: `}${message}${more}\n`);
};

const link = appLink();
const file = process.env['SKEIN_BALANCER_SNAPSHOT'];

if (link?.balancer !== undefined) {
  const balancer = new Balancer({ log, say: link.balancer.say, workers: () => link.count() });
  runByLink(link, link.balancer, balancer, log);
} else if (file !== undefined && file !== '') {
  runByFile(file, new Balancer({ log, say: undefined }), log);
} else {
  log('error', 'it is run by Skein: use `skein balance`, or `balance` in the config');
  process.exitCode = 2;
}
