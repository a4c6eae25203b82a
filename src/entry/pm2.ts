/** Composition root of skein-pm2, which answers PM2's commands. */
import { pm2Main } from '../cli/pm2/main.ts';
import { logicalCwd } from '../os/cwd.ts';
import { resolveHome } from '../os/home.ts';

// `skein-pm2 logs | head`: a reader that has seen enough is no failure.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

process.exitCode = await pm2Main(process.argv.slice(2), {
  home: resolveHome(process.env),
  env: process.env,
  cwd: logicalCwd(process.env),
  stdout: process.stdout,
  stderr: process.stderr,
});
