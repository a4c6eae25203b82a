import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchPlace } from '../../../src/supervisor/watch-filter.ts';
import { ignoreFor } from '../../../src/supervisor/watch-filter.ts';

const ignored = (path: string, changes: Partial<WatchPlace> & { ignore?: string[]; paths?: string[] } = {}) =>
  ignoreFor({
    cwd: '/srv/app',
    logs: { out: null, err: null, combined: null },
    home: '/srv/app/state',
    watch: { paths: changes.paths ?? ['/srv/app'], ignore: changes.ignore ?? [], delayMs: 0 },
    ...changes,
  })(path);

test('node_modules, dot files and what is below them are never looked at', () => {
  for (const path of [
    'node_modules',
    'src/node_modules/a/b.js',
    '.git',
    '.git/HEAD',
    'src/.env',
    '.idea/x/y',
  ])
    assert.equal(ignored(`/srv/app/${path}`), true, path);
  for (const path of ['', '/src', '/src/a.js', '/src/a.b/c'])
    assert.equal(ignored(`/srv/app${path}`), false, path);
});

test('a directory that is named is watched, wherever it lies', () => {
  const paths = ['/home/u/.deploy/app', '/srv/app/node_modules/own'];
  assert.equal(ignored('/home/u/.deploy/app/server.js', { paths }), false);
  assert.equal(ignored('/home/u/.deploy/app/.env', { paths }), true);
  assert.equal(ignored('/srv/app/node_modules/own/index.js', { paths }), false);
});

test('what Skein writes itself leads to no reload', () => {
  assert.equal(ignored('/srv/app/state/state.json'), true);
  assert.equal(ignored('/srv/app/statement.js'), false);
  const logs = { out: '/srv/app/app.log', err: '/srv/app/logs/err', combined: null };
  for (const log of [
    'app.log',
    'app-0.log',
    'app.log.1',
    'app.log.1.gz',
    'app-2026-11-20.log.gz',
    'logs/err',
    'logs/err.1',
    'logs/err-0',
  ])
    assert.equal(ignored(`/srv/app/${log}`, { logs }), true, log);
  for (const other of ['app.js', 'application.log', 'src/app.log', 'logs/error.js', 'logs/err.js'])
    assert.equal(ignored(`/srv/app/${other}`, { logs }), false, other);
});

test('a pattern without a slash is a name, one with a slash a path from the working directory on', () => {
  const ignore = ['*.tmp', 'uploads', 'src/gen/**', './docs/*.md', '/public/', 'a/**/b.js'];
  for (const path of [
    'x.tmp',
    'src/x.tmp',
    'uploads',
    'src/uploads',
    'src/gen/a/b',
    'docs/a.md',
    'public',
    'a/b.js',
    'a/c/b.js',
  ])
    assert.equal(ignored(`/srv/app/${path}`, { ignore }), true, path);
  for (const path of ['src/gen', 'docs/a/b.md', 'lib/docs/a.md', 'src/public', 'tmp'])
    assert.equal(ignored(`/srv/app/${path}`, { ignore }), false, path);
});
