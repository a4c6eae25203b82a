import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadFile } from '../../../../src/config/file/load.ts';
import { looseJson } from '../../../../src/config/pm2/loose-json.ts';

test('comments and commas at the end are taken; what is no data is not', () => {
  assert.deepEqual(looseJson('{ apps: [{ "script": "a.js", /* one */ }, ], // all\n}'), {
    apps: [{ script: 'a.js' }],
  });
  for (const text of ['', '{', 'process.exit(1)', 'require("fs")', 'for (;;) {}', '() => 1'])
    assert.equal(looseJson(text), undefined, text);
});

test('only in files of PM2: elsewhere JSON is JSON, and broken files say so', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sk-'));
  try {
    const text = '{ "apps": [{ "script": "a.js" }], } // end';
    for (const name of ['process.json', 'skein.config.json', 'ecosystem.json'])
      writeFileSync(join(cwd, name), name === 'ecosystem.json' ? '{ "apps": [' : text);
    const context = { cwd, env: {}, profile: undefined };
    assert.deepEqual((await loadFile('process.json', context)).value, { apps: [{ script: 'a.js' }] });
    await assert.rejects(loadFile('skein.config.json', context), /it is no JSON/);
    await assert.rejects(loadFile('ecosystem.json', context), /ecosystem\.json.*it is no JSON/);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
});
