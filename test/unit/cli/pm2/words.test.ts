/** PM2's command line. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pm2Flags } from '../../../../src/cli/pm2/flags.ts';
import { pm2Verbs } from '../../../../src/cli/pm2/verbs.ts';
import type { Pm2Words } from '../../../../src/cli/pm2/words.ts';
import { readWords } from '../../../../src/cli/pm2/words.ts';
import { findKey } from '../../../../src/config/pm2/keys.ts';

const read = (line: string): Pm2Words => {
  const words = readWords(line.split(' ').filter((word) => word !== ''));
  assert.ok(!('problem' in words), 'problem' in words ? words.problem : '');
  return words;
};

const problem = (line: string): string => {
  const words = readWords(line.split(' '));
  assert.ok('problem' in words, line);
  return words.problem;
};

describe('flags stand anywhere, and mean keys of an ecosystem file', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['start app.js -i max --name api', { instances: 'max', name: 'api' }],
    ['-i4 start --name=api app.js', { instances: '4', name: 'api' }],
    ['start app.js --max-memory-restart 300M', { max_memory_restart: '300M' }],
    ['start app.js --no-autorestart --no-treekill', { autorestart: false, treekill: false }],
    ['start app.js --watch', { watch: true }],
    ['start app.js --watch src,lib --ignore-watch tmp', { watch: ['src', 'lib'], ignore_watch: ['tmp'] }],
    ['start app.js --watch --time', { watch: true, time: true }],
    ['start app.js --watch-delay 3', { watch_delay: 3000 }],
    ['start app.js --watch-delay 500ms', { watch_delay: '500ms' }],
    ['start app.js -o a.log -e b.log -l', { out_file: 'a.log', error_file: 'b.log', log_file: true }],
    ['start app.js --stop-exit-codes 0,3', { stop_exit_codes: ['0', '3'] }],
    ['start app.js -k 3000 --wait-ready -c x', { kill_timeout: '3000', wait_ready: true, cron_restart: 'x' }],
    ['start app.js -u www --gid 33', { uid: 'www', gid: '33' }],
  ];
  for (const [line, keys] of cases) {
    test(line, () => {
      const words = read(line);
      assert.deepEqual(words.keys, keys);
      assert.deepEqual([words.command, words.targets], ['start', ['app.js']]);
    });
  }
});

test('options of the command, joined short ones, `-` and negative numbers', () => {
  const words = read('reload - --only a,b --env production -fs --parallel 2');
  assert.deepEqual(words.options, {
    only: 'a,b',
    env: 'production',
    force: true,
    silent: true,
    parallel: '2',
  });
  assert.deepEqual(words.targets, ['-']);
  assert.deepEqual(read('scale api -1').targets, ['api', '-1']);
});

test('what stands behind -- is the app’s', () => {
  const words = read('start app.js -- --name x -i 3');
  assert.deepEqual(words.appArgs, ['--name', 'x', '-i', '3']);
  assert.deepEqual(words.keys, {});
  assert.equal(read('list').appArgs, undefined);
  assert.equal(read('').command, undefined);
});

test('what does nothing is said, unless nothing is lost', () => {
  assert.deepEqual(read('start app.js --no-vizion --no-pmx').notes, []);
  assert.match(
    read('start app.js --deep-monitoring').notes[0] ?? '',
    /--deep-monitoring does nothing here: .*monitoring/,
  );
});

test('mistakes', () => {
  assert.match(problem('stop --foo'), /no option --foo/);
  assert.match(problem('start app.js --name'), /--name needs a value/);
  assert.match(problem('start app.js --time=3'), /--time takes no value/);
});

test('the tables: no name twice, every key is a key of the file', () => {
  for (const names of [pm2Flags.flatMap((flag) => flag.names), pm2Verbs.flatMap((verb) => verb.names)])
    assert.equal(new Set(names).size, names.length, names.join(' '));
  for (const flag of pm2Flags) if (flag.kind === 'key') assert.equal(findKey(flag.key)?.key, flag.key);
});

test('every command can be loaded', async () => {
  for (const verb of pm2Verbs)
    if (verb.kind === 'verb') assert.equal(typeof (await verb.load()), 'function', verb.names[0]);
});
