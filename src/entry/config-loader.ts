/** Composition root of the process that evaluates one config file and says on file descriptor 3 what came of it. */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Evaluated } from '../config/file/evaluate.ts';
import { evaluate, failureOf } from '../config/file/evaluate.ts';
import { entryFile } from '../core/entry-url.ts';

const [file = '', profile = '', limitMs = ''] = process.argv.slice(2);
let said = false;

const say = (evaluated: Evaluated): void => {
  if (said) return;
  said = true;
  let rest = Buffer.from(`${JSON.stringify(evaluated)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(3, rest));
};
const sayFailure = (thrown: unknown): void => say(failureOf(thrown, file));

// Whoever waits for us ends us earlier, unless it has been killed itself.
setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(limitMs) + 1_000).unref();
process.on('uncaughtException', sayFailure);
process.on('unhandledRejection', sayFailure);
const { exit } = process;
const sayEnd = (reason: string, line: number | null = null, elsewhere: string | null = null): void =>
  say({ kind: 'failed', reason, isMistake: false, line, elsewhere });
process.exit = (code) => {
  const here = failureOf(new Error('exit'), file);
  if (here.kind === 'failed') sayEnd('it calls process.exit', here.line, here.elsewhere);
  return exit(code);
};
// Nothing is left to wait for. Ended here, or Node would say something about it too.
process.on('beforeExit', () => {
  sayEnd('its promise never settles');
  exit(0);
});

evaluate(
  file,
  { profile: profile === '' ? null : profile },
  pathToFileURL(entryFile('config-api')).href,
).then(say, sayFailure);
