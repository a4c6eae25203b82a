import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryHome } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

/** [command line, exit code, first line on stderr, what to do] */
const mistakes: readonly (readonly [line: string, code: number, says: RegExp, fix: RegExp])[] = [
  ['strat', 2, /Unknown command 'strat'\. Did you mean start\?$/, /`skein --help`/],
  ['list --jsn', 2, /Unknown option '--jsn'\. Did you mean --json\?$/, /`skein list --help`/],
  ['--nope', 2, /Unknown option '--nope'/, /`skein --help`/],
  ['start', 2, /needs a script/, /`skein start --help`/],
  ['start app.js b.js', 2, /One script is started at a time/, /start --help/],
  ['start app.js -i', 2, /Option '-i, --instances <count>' argument missing/, /start --help/],
  ['start app.js -i 0', 2, /--instances: 0 is not a number of workers/, /max/],
  ['start app.js -i lots', 2, /--instances: lots/, /max/],
  ['start app.js --accept both', 2, /--accept: both is not one of per-worker, shared/, /per-worker/],
  ['start app.js --ready never', 2, /--ready: never is not one of/, /listening/],
  ['start app.js --ready-timeout soon', 2, /--ready-timeout: soon is not a duration/, /30s/],
  ['start app.js --max-memory lots', 2, /--max-memory: lots is not a size/, /300M/],
  ['start app.js --max-restarts -1', 2, /--max-restarts: -1 is not a whole number/, /5/],
  ['start app.js --stop-exit-codes 300', 2, /--stop-exit-codes: 300/, /0,3/],
  ['start app.js --stop-signal FOO', 2, /FOO is not a signal/, /SIGTERM/],
  ['start app.js --env PORT', 2, /--env: PORT is not KEY=VALUE/, /PORT=3000/],
  ['start app.js -n a/b', 2, /--name: a\/b is not a name/, /api/],
  ['start app.js --cwd gone', 3, /working directory .*gone is not a directory/, /--cwd/],
  ['start app.js --interpreter nonode', 3, /program nonode was not found/, /--interpreter/],
  ['start dir', 2, /dir cannot be run: it is a directory/, /Name the file/],
  ['start gone.js', 3, /There is no file .*gone\.js/, /looked up from/],
  ['start app', 3, /There is no file .*app\. Did you mean app\.js\?$/, /looked up from/],
  ['start data.txt', 2, /data\.txt cannot be run: it is not executable/, /--interpreter/],
  ['run', 2, /Missing required argument 'script'/, /`skein run --help`/],
  ['run gone.js', 3, /There is no file .*gone\.js/, /looked up from/],
  ['run app.js b.js', 2, /Too many arguments/, /run --help/],
  ['stop', 2, /`skein stop` needs to know which app/, /`all`/],
  ['reload', 2, /`skein reload` needs to know which app/, /`all`/],
  ['reload api --parallel 0', 2, /--parallel: 0 is not a whole number from 1/, /5/],
  ['scale', 2, /scale needs an app and a number/, /scale --help/],
  ['scale api', 2, /scale needs an app and a number/, /scale --help/],
  ['scale api many', 2, /scale: many is not a number of workers/, /\+1/],
  ['scale api -1', 5, /Nothing of Skein runs/, /skein start/],
  ['logs -n some', 2, /--lines: some is not a whole number/, /5/],
  ['events --since yesterday', 2, /--since: yesterday is not a duration/, /30s/],
  ['signal', 2, /Missing required argument 'signal'/, /signal --help/],
  ['signal NOPE api', 2, /NOPE is not a signal/, /SIGUSR2/],
  ['signal HUP', 2, /`skein signal` needs to know which app/, /`all`/],
  ['describe', 2, /`skein describe` needs to know which app/, /skein list/],
  ['ping now', 2, /Too many arguments/, /ping --help/],
  ['completion tcsh', 2, /completion: tcsh is not one of bash, zsh, fish/, /bash/],
  ['list', 5, /Nothing of Skein runs in/, /SKEIN_HOME/],
  ['ping', 5, /Nothing of Skein runs in/, /SKEIN_HOME/],
  ['reload api', 5, /Nothing of Skein runs in/, /SKEIN_HOME/],
];

for (const [line, code, says, fix] of mistakes) {
  test(`skein ${line}`, async (t) => {
    const home = temporaryHome(t);
    mkdirSync(join(home.dir, 'dir'));
    for (const file of ['app.js', 'b.js', 'data.txt']) writeFileSync(join(home.dir, file), '');
    const result = await runCli(home, line.split(' '));
    assert.deepEqual([result.code, result.stdout], [code, '']);
    const [first = '', second = '', ...rest] = result.stderr.split('\n');
    assert.match(first, says);
    assert.match(first, /^skein: /);
    assert.match(second, fix);
    // One line that says what, one that says what to do, and never a stack.
    assert.deepEqual(rest, ['']);
  });
}

test('without a command the help is shown, and the exit code says that it was not asked for', async (t) => {
  const home = temporaryHome(t);
  const bare = await runCli(home, []);
  const asked = await runCli(home, ['--help']);
  assert.deepEqual([bare.code, bare.stdout], [2, '']);
  assert.deepEqual([asked.code, asked.stderr], [0, '']);
  assert.equal(bare.stderr, asked.stdout);
  assert.match(asked.stdout, /list, ls, status +show what runs/);
  for (const words of [['help', 'start'], ['start', '--help'], ['--version']]) {
    const { code, stdout, stderr } = await runCli(home, words);
    assert.deepEqual([code, stderr, stdout.length > 0], [0, '', true]);
  }
});

test('help fits 80 columns', async (t) => {
  const home = temporaryHome(t);
  for (const command of ['start', 'run', 'reload', 'scale', 'logs', 'list']) {
    const { stdout } = await runCli(home, [command, '--help']);
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    );
  }
});

test('kill of nothing is done already', async (t) => {
  const home = temporaryHome(t);
  assert.deepEqual(await runCli(home, ['kill']), {
    code: 0,
    stdout: '',
    stderr: `Nothing of Skein runs in ${home.dir}.\n`,
  });
  assert.deepEqual(await runCli(home, ['kill', '--json']), { code: 0, stdout: '{"ended":[]}\n', stderr: '' });
});
