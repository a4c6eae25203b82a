import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { defaults } from '../../../../src/config/defaults.ts';
import { defaultLogPath } from '../../../../src/logs/paths.ts';
import { listSetAside } from '../../../../src/logs/set-aside.ts';
import type { LogSettings } from '../../../../src/protocol/app-spec.ts';
import { LogFiles } from '../../../../src/supervisor/logs/log-files.ts';
import { WorkerLog } from '../../../../src/supervisor/logs/worker-log.ts';
import { until } from '../../../support/wait.ts';

const root = mkdtempSync(join(tmpdir(), 'skein-logs-'));
after(() => rmSync(root, { recursive: true }));
let number = 0;
const directory = (): string => {
  const dir = join(root, String((number += 1)));
  mkdirSync(dir);
  return dir;
};

const rotation = (changes: Partial<LogSettings['rotation']>): Pick<LogSettings, 'rotation'> => ({
  rotation: { ...defaults.logs.rotation, ...changes },
});

/** A worker's log whose settings may change under it. */
const writing = (
  files: LogFiles,
  settings: Partial<LogSettings> = {},
  slot = 0,
): { log: WorkerLog; change(next: Partial<LogSettings>): void; write(text: string): void } => {
  let current: LogSettings = { ...defaults.logs, ...settings };
  const log = new WorkerLog({
    files,
    app: 'api',
    slot,
    stream: 'out',
    pid: () => 1,
    settings: () => current,
  });
  return {
    log,
    change: (next) => void (current = { ...current, ...next }),
    write: (text) => log.append(Buffer.from(text)),
  };
};

const newFiles = (dir: string): LogFiles => new LogFiles(dir, ({ text }) => assert.fail(text));
const read = (path: string): string => readFileSync(path, 'utf8');

describe('the log files of an app', () => {
  test('follow its settings from the next line on, and the old ones are closed', () => {
    const dir = directory();
    const one = writing(newFiles(dir));
    const open = (): number => readdirSync('/proc/self/fd').length;
    one.write('one\n');
    const before = open();
    one.change({ out: join(dir, 'other.log'), timestamp: null });
    one.write('two\n');
    one.change({ perWorker: true });
    one.write('three\n');
    assert.equal(open(), before);
    one.log.close();
    assert.ok(open() < before);
    assert.equal(read(defaultLogPath(dir, 'api', 'out')), 'one\n');
    assert.equal(read(join(dir, 'other.log')), 'two\n');
    assert.equal(read(join(dir, 'other-0.log')), 'three\n');
  });

  test('workers share a file, and one of them leaving does not close it', () => {
    const dir = directory();
    const files = newFiles(dir);
    const [one, two] = [writing(files), writing(files, {}, 1)];
    one.write('one\n');
    two.write('two\n');
    one.log.close();
    two.write('three\n');
    assert.equal(read(defaultLogPath(dir, 'api', 'out')), 'one\ntwo\nthree\n');
  });

  test('a symbolic link: the file behind it is set aside', async () => {
    const dir = directory();
    const [real, link] = [join(dir, 'real.log'), join(dir, 'link.log')];
    writeFileSync(real, '');
    symlinkSync(real, link);
    const one = writing(newFiles(dir), { out: link, ...rotation({ maxSizeBytes: 4, compress: false }) });
    one.write('one\ntwo\n');
    assert.equal(read(link), 'two\n');
    assert.deepEqual(
      listSetAside(real).map(({ path }) => read(path)),
      ['one\n'],
    );
  });

  test('names that are no file names do not leave the directory', () => {
    assert.equal(defaultLogPath('/logs', '@scope:api', 'err'), '/logs/@scope_api.err.log');
    assert.equal(defaultLogPath('/logs', '..', 'err'), '/logs/...err.log');
  });

  test('flush empties what is written now, and says what', () => {
    const dir = directory();
    const files = newFiles(dir);
    const one = writing(files);
    one.write('one\n');
    const spec = { name: 'api', instances: 1, logs: defaults.logs };
    const paths = [defaultLogPath(dir, 'api', 'out'), defaultLogPath(dir, 'api', 'err')];
    assert.deepEqual(files.flush([spec]), paths);
    assert.equal(read(paths[0]!), '');
    one.write('two\n');
    assert.equal(read(paths[0]!), 'two\n');
  });

  test('what cannot be a log is refused before a worker is touched', () => {
    const dir = directory();
    writeFileSync(join(dir, 'file'), '');
    const check = (logs: Partial<LogSettings>): void =>
      newFiles(dir).check({ name: 'api', instances: 2, logs: { ...defaults.logs, ...logs } });
    check({});
    assert.throws(() => check({ out: dir }), { code: 'E_LOG_FILE', message: /it is a directory/ });
    assert.throws(() => check({ err: join(dir, 'file', 'x.log') }), {
      code: 'E_LOG_FILE',
      message: `api: the log file ${join(dir, 'file', 'x.log')} cannot be written: not a directory.`,
    });
    assert.throws(() => check({ combined: join(dir, 'file', 'x.log'), perWorker: true }), {
      message: /x-0\.log/,
    });
    check({ enabled: false, out: dir });
  });
});

describe('what is set aside', () => {
  test('is compressed, and the oldest are thrown away', async () => {
    const dir = directory();
    const one = writing(newFiles(dir), rotation({ maxSizeBytes: 4, keep: 2 }));
    const path = defaultLogPath(dir, 'api', 'out');
    for (const text of ['one\n', 'two\n', 'six\n', 'ten\n', 'end\n']) one.write(text);
    await until('two compressed ones are left', () => {
      const files = listSetAside(path);
      return files.length === 2 && files.every(({ compressed }) => compressed);
    });
    assert.deepEqual(readdirSync(dir).filter((name) => name.endsWith('.times')).length, 3);
  });

  test('what a killed supervisor left half done is finished by the next', async () => {
    const dir = directory();
    const path = defaultLogPath(dir, 'api', 'out');
    const stamp = (second: number): string => `${path}.20260101T00000${second}.000Z`;
    writeFileSync(stamp(1), 'never compressed\n');
    writeFileSync(stamp(2), 'was being compressed\n');
    writeFileSync(`${stamp(2)}.gz.part`, 'half');
    writeFileSync(stamp(3), 'compressed, and still here\n');
    writeFileSync(`${stamp(3)}.gz`, 'whole');
    writing(newFiles(dir)).write('one\n');
    await until(
      'all are compressed',
      () =>
        readdirSync(dir)
          .filter((name) => name.startsWith('api.out.log.'))
          .join() === [1, 2, 3].map((second) => `api.out.log.20260101T00000${second}.000Z.gz`).join(),
    );
    assert.equal(read(`${stamp(3)}.gz`), 'whole');
  });
});
