import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { migrationPage, renderMigrationPage } from '../../../../scripts/docs-pm2.ts';

test('docs/migrating-from-pm2.md has the tables of the code: npm run docs:pm2', () => {
  const page = readFileSync(migrationPage, 'utf8');
  assert.equal(page, renderMigrationPage(page));
});
