import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorsPage, renderErrorsPage } from '../../../scripts/docs-errors.ts';
import { catalogue, type ErrorCode, exitCodes } from '../../../src/core/error-catalogue.ts';
import { asSkeinError, SkeinError } from '../../../src/core/errors.ts';

const codes = Object.keys(catalogue) as ErrorCode[];

test('docs/errors.md says what the catalogue says, no more and no less', () => {
  const written = readFileSync(errorsPage, 'utf8').split('\n');
  const wanted = renderErrorsPage().split('\n');
  const stale = written.find((line) => !wanted.includes(line));
  const missing = wanted.find((line) => !written.includes(line));
  assert.ok(
    written.join('\n') === wanted.join('\n'),
    `\`npm run docs:errors\` writes it anew. Stale: ${stale ?? 'nothing'}. Missing: ${missing ?? 'nothing'}.`,
  );
});

test('exit codes are distinct, and none is one that shells and signals use', () => {
  const values = Object.values(exitCodes);
  assert.equal(new Set(values).size, values.length);
  assert.ok(values.every((value) => value >= 0 && value < 64));
});

test('every failure has an exit code other than 0 and an HTTP status of failure', () => {
  for (const code of codes) {
    assert.notEqual(exitCodes[catalogue[code].exit], 0, code);
    assert.ok(catalogue[code].status >= 400 && catalogue[code].status < 600, code);
  }
});

test('every code says what happened and what to do', () => {
  for (const code of codes) {
    assert.notEqual(catalogue[code].message, '', code);
    assert.notEqual(catalogue[code].fix, '', code);
  }
});

test('details fill the placeholders of both sentences; an unknown one stays visible', () => {
  const error = new SkeinError('E_UNKNOWN_APP', { target: 'ap', suggestion: ' Did you mean app?' });
  assert.equal(error.message, 'There is no app named ap. Did you mean app?');
  assert.match(error.fix, /--name ap`/);
  assert.equal(error.exitCode, 3);
  assert.equal(error.status, 404);
  assert.match(new SkeinError('E_UNKNOWN_APP').message, /\{target\}/);
});

test('a detail that looks like a placeholder is not filled again', () => {
  const error = new SkeinError('E_USAGE', { reason: '{command}', command: 'start' });
  assert.equal(error.message, '{command}');
});

test('an error reads the same after it crossed a process boundary', () => {
  const sent = new SkeinError('E_NO_SCRIPT', { path: '/x.js', cwd: '/' }, { output: 'last line' });
  const received = SkeinError.fromData(JSON.parse(JSON.stringify(sent.toData())));
  assert.deepEqual(received.toData(), sent.toData());
  assert.equal(received.exitCode, sent.exitCode);
});

test('a code of a newer version arrives as E_INTERNAL with its own words', () => {
  const received = SkeinError.fromData({ code: 'E_FUTURE' as ErrorCode, message: 'm', fix: 'f' });
  assert.equal(received.code, 'E_INTERNAL');
  assert.deepEqual([received.message, received.fix], ['m', 'f']);
});

test('anything thrown becomes a SkeinError that keeps its cause', () => {
  const cause = new TypeError('boom');
  const error = asSkeinError(cause);
  assert.equal(error.code, 'E_INTERNAL');
  assert.equal(error.cause, cause);
  assert.match(error.message, /boom/);
  assert.equal(asSkeinError(error), error);
  assert.match(asSkeinError('text').message, /text/);
});
