import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from '../../../../src/cli/pm2/expand.ts';

const app = (name: string, script: string, namespace: string | null = null) => ({ name, namespace, script });
const apps = [app('web', '/srv/web.js'), app('two', '/srv/web.js'), app('job', '/srv/job.js', 'jobs')];

test('names, namespaces, ids and patterns are as Skein has them', () => {
  for (const target of ['web', 'jobs', '0', 'all', '/w/', 'nobody'])
    assert.deepEqual(expand(target, apps, '/srv'), [target]);
});

test('default is every app without a namespace, unless an app is called so', () => {
  assert.deepEqual(expand('default', apps, '/srv'), ['web', 'two']);
  assert.deepEqual(expand('default', [...apps, app('default', '/srv/x.js')], '/srv'), ['default']);
});

test('regression: a script stands for the apps that run it', () => {
  assert.deepEqual(expand('web.js', apps, '/srv'), ['web', 'two']);
  assert.deepEqual(expand('../srv/job.js', apps, '/home'), ['job']);
  assert.deepEqual(expand('web.js', apps, '/home'), ['web.js']);
  // A name counts first.
  assert.deepEqual(expand('web.js', [...apps, app('web.js', '/srv/other.js')], '/srv'), ['web.js']);
});
