import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { FileWatch } from '../../../src/supervisor/file-watch.ts';
import { watchFiles } from '../../../src/supervisor/file-watch.ts';
import { until } from '../../support/wait.ts';

let dir: string;
let changed: string[];
let failed: string[];
let files: FileWatch | null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'watch-'));
  changed = [];
  failed = [];
  files = null;
});
afterEach(() => {
  files?.close();
  rmSync(dir, { recursive: true });
});

/** Begins to watch, and waits until it does. */
const begin = async (paths: readonly string[], probe: string): Promise<void> => {
  files = watchFiles(
    {
      cwd: dir,
      home: join(dir, 'home'),
      logs: { out: null, err: null, combined: null },
      watch: { paths, ignore: ['*.tmp'], delayMs: 0 },
    },
    {
      changed: (path) => void changed.push(path),
      failed: (path, reason) => void failed.push(`${path}: ${reason}`),
    },
  );
  await until('it watches', () => {
    appendFileSync(probe, 'x');
    return changed.length > 0;
  });
  changed = [];
};

const seen = (path: string): Promise<true> => until(`${path} is seen`, () => changed.includes(path));

test('files that are changed, made and removed are seen; ignored ones are not', async () => {
  const file = join(dir, 'server.js');
  await begin([dir], file);
  for (const name of ['x.tmp', '.env', 'node_modules']) writeFileSync(join(dir, name), '');
  mkdirSync(join(dir, 'src'));
  writeFileSync(join(dir, 'src/a.js'), '');
  await until('the new directory is seen, and again when it is watched', () => {
    return changed.filter((path) => path === join(dir, 'src')).length > 1;
  });
  for (const change of [
    () => appendFileSync(join(dir, 'src/a.js'), 'x'),
    () => rmSync(join(dir, 'src/a.js')),
    () => writeFileSync(join(dir, 'src/a.js'), ''),
  ]) {
    changed = changed.filter((path) => !path.endsWith('a.js'));
    change();
    await seen(join(dir, 'src/a.js'));
  }
  assert.deepEqual(
    changed.filter((path) => /tmp|env|node_modules$/.test(path.slice(dir.length))),
    [],
  );
});

test('a path that is not there is told; the others are watched', async () => {
  const file = join(dir, 'server.js');
  writeFileSync(file, '');
  await begin([join(dir, 'no-such'), file], file);
  assert.deepEqual(failed, [`${join(dir, 'no-such')}: it is not there`]);
});

test('a directory that is removed and made anew, as builds do, is watched again', async () => {
  const dist = join(dir, 'dist');
  mkdirSync(dist);
  await begin([dist], join(dist, 'server.js'));
  rmSync(dist, { recursive: true });
  mkdirSync(dist);
  await seen(dist);
  changed = [];
  await until('what changes in it is seen', () => {
    appendFileSync(join(dist, 'server.js'), 'x');
    return changed.includes(join(dist, 'server.js'));
  });
});

test('a file that is replaced, as editors do, is watched on', async () => {
  const file = join(dir, 'config.json');
  writeFileSync(file, '');
  await begin([file], file);
  for (const round of ['one', 'two']) {
    changed = [];
    writeFileSync(join(dir, 'new'), round);
    renameSync(join(dir, 'new'), file);
    await seen(file);
  }
  assert.ok(changed.every((path) => path === file));
});

test('a link that is switched from one release to the next is a change, and so is what changes in that', async () => {
  for (const release of ['one', 'two']) {
    mkdirSync(join(dir, release));
    writeFileSync(join(dir, release, 'server.js'), '');
  }
  const link = join(dir, 'current');
  symlinkSync('one', link);
  await begin([link], join(dir, 'one/server.js'));
  symlinkSync('two', join(dir, 'next'));
  renameSync(join(dir, 'next'), link);
  await seen(link);
  changed = [];
  await until('the new release is watched', () => {
    appendFileSync(join(dir, 'two/server.js'), 'x');
    return changed.length > 0;
  });
});

test('after close nothing is heard', async () => {
  const file = join(dir, 'server.js');
  await begin([dir], file);
  files!.close();
  const other = watchFiles(
    {
      cwd: dir,
      home: join(dir, 'home'),
      logs: { out: null, err: null, combined: null },
      watch: { paths: [dir], ignore: [], delayMs: 0 },
    },
    { changed: () => assert.fail('closed before it began'), failed: () => {} },
  );
  other.close();
  appendFileSync(file, 'y');
});
