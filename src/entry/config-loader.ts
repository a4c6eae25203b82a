/** Composition root of the process that evaluates one config file and says on file descriptor 3 what came of it. */
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Evaluated } from '../config/file/evaluate.ts';
import { evaluate, failureOf } from '../config/file/evaluate.ts';
import { entryFile } from '../core/entry-url.ts';

const [file = '', profile = ''] = process.argv.slice(2);
let said = false;

const say = (evaluated: Evaluated): void => {
  if (said) return;
  said = true;
  let rest = Buffer.from(`${JSON.stringify(evaluated)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(3, rest));
};
const sayFailure = (thrown: unknown): void => say(failureOf(thrown, file));

process.on('uncaughtException', sayFailure);
process.on('unhandledRejection', sayFailure);
const { exit } = process;
process.exit = (code) => {
  const { line, elsewhere } = failureOf(new Error('exit'), file) as Extract<Evaluated, { kind: 'failed' }>;
  say({ kind: 'failed', reason: 'it calls process.exit', line, elsewhere });
  return exit(code);
};
// With nothing left to wait for: a promise that nobody settles.
process.on('exit', () =>
  say({ kind: 'failed', reason: 'its promise never settles', line: null, elsewhere: null }),
);

try {
  say(
    await evaluate(
      file,
      { profile: profile === '' ? null : profile },
      pathToFileURL(entryFile('config-api')).href,
    ),
  );
} catch (thrown) {
  sayFailure(thrown);
}
