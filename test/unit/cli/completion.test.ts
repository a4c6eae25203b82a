import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { temporaryHome } from '../control/fake-control.ts';
import { runCli } from './run-cli.ts';

test('the bash script completes commands and options', async (t) => {
  const { stdout, code } = await runCli(temporaryHome(t), ['completion', 'bash']);
  assert.equal(code, 0);
  const complete = (...words: readonly string[]): string => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const script = `${stdout}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _skein; echo "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
  };
  assert.equal(complete('skein', 're'), 'restart reload reload-logs reloadLogs resurrect reset');
  assert.equal(complete('skein', 'logs', '--'), '--lines --follow --since --grep --err --out --json');
  assert.match(complete('skein', 'start', '--ready'), /^--ready --ready-timeout$/);
});

test('every shell gets every command', async (t) => {
  for (const shell of ['zsh', 'fish']) {
    const { stdout } = await runCli(temporaryHome(t), ['completion', shell]);
    for (const command of ['start', 'run', 'rollback', 'status', 'completion'])
      assert.match(stdout, new RegExp(`\\b${command}\\b`));
  }
});
