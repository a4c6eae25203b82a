import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { defaults } from '../../../../src/config/defaults.ts';
import { defaultLogPath } from '../../../../src/logs/paths.ts';
import type { LogSettings } from '../../../../src/protocol/app-spec.ts';
import type { LogLine } from '../../../../src/protocol/control.ts';
import type { WorkerTag } from '../../../../src/protocol/holder.ts';
import type { RawHandle } from '../../../../src/supervisor/holder-client.ts';
import { Followers } from '../../../../src/supervisor/logs/followers.ts';
import { LogFiles } from '../../../../src/supervisor/logs/log-files.ts';
import { OutputTail } from '../../../../src/supervisor/logs/output-tail.ts';
import { readOutput } from '../../../../src/supervisor/logs/read-output.ts';
import { restPath } from '../../../../src/supervisor/logs/rest-file.ts';
import { WorkerLog } from '../../../../src/supervisor/logs/worker-log.ts';
import { until } from '../../../support/wait.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-output-'));
after(() => rmSync(dir, { recursive: true }));

interface Pipe {
  readonly write: Socket;
  /** The reading end, once more for each reader. */
  readonly handle: RawHandle;
}

/** What is written on one end arrives at the raw handle. */
const pipe = async (): Promise<Pipe> => {
  const server = createServer({ pauseOnConnect: true });
  const path = join(dir, 'pipe.sock');
  await once(server.listen(path), 'listening');
  const write = connect(path);
  const [accepted] = (await once(server, 'connection')) as [{ _handle: RawHandle | null }];
  const handle = accepted._handle!;
  accepted._handle = null;
  server.close();
  return { write, handle };
};

interface Reading {
  readonly write: Socket;
  readonly tail: OutputTail;
  readonly done: Promise<void>;
  readonly followers: Followers;
  /** What is in the log. */
  text(): string;
}

let number = 0;
const reading = async (settings: Partial<LogSettings> = {}): Promise<Reading> => {
  const app = `app-${(number += 1)}`;
  const { write, handle } = await pipe();
  const tail = new OutputTail();
  const followers = new Followers();
  const tag: WorkerTag = { id: app, app, slot: 0, generation: 1, accept: 'shared', alone: true };
  const files = new LogFiles(dir, ({ text }) => assert.fail(text));
  const logs = { ...defaults.logs, ...settings };
  const log = new WorkerLog({ files, app, slot: 0, stream: 'out', pid: () => 7, settings: () => logs });
  const done = readOutput({
    handle,
    tag,
    stream: 'out',
    log,
    restPath: restPath(dir, app, 'out'),
    tail,
    followers,
  });
  const path = settings.out ?? defaultLogPath(dir, app, 'out');
  return { write, tail, done, followers, text: () => readFileSync(path, 'utf8') };
};

describe('output of a worker', () => {
  test('chunks split anywhere, also inside a character, come out as the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
        fc.array(fc.nat(40)),
        async (lines, cuts) => {
          const { write, done, text } = await reading();
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          let at = 0;
          for (const cut of cuts) {
            write.write(bytes.subarray(at, at + cut));
            at += cut;
          }
          write.end(bytes.subarray(at));
          await done;
          assert.equal(text(), String(bytes));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a last line without its newline is a line', async () => {
    const { write, done, tail, text } = await reading();
    write.end('one\ntwo');
    await done;
    assert.equal(text(), 'one\ntwo\n');
    assert.equal(tail.text, 'one\ntwo');
  });

  test('a line of a megabyte stays one line', async () => {
    const { write, done, text } = await reading();
    const long = 'x'.repeat(1 << 20);
    write.end(`${long}\nshort\n`);
    await done;
    assert.equal(text(), `${long}\nshort\n`);
  });

  test('the line that has begun is on the disk, and goes when it ends', async () => {
    const { write, done, text } = await reading();
    const rests = (): string[] =>
      readdirSync(join(dir, '.unfinished')).map((name) =>
        readFileSync(join(dir, '.unfinished', name), 'utf8').slice(16),
      );
    write.write('one\nbeg');
    await until('the rest is kept', () => readdirSync(dir).includes('.unfinished') && rests()[0] === 'beg');
    write.write('un');
    await until('more of it', () => rests()[0] === 'begun');
    write.end(' and ended\n');
    await done;
    assert.deepEqual(rests(), []);
    assert.equal(text(), 'one\nbegun and ended\n');
  });

  test('followers get the lines as they are in the log, and where the log goes on', async () => {
    const { write, done, followers, text } = await reading({ timestamp: 'YYYY' });
    const lines: (LogLine & { cursor: string })[] = [];
    followers.add({
      wants: () => true,
      takes: () => true,
      miss: () => assert.fail('it takes all'),
      send: (encoded) => {
        for (const line of encoded.toString().trimEnd().split('\n'))
          lines.push(JSON.parse(line) as LogLine & { cursor: string });
      },
    });
    write.end('é\n\n');
    await done;
    const year = String(new Date().getFullYear());
    assert.deepEqual(
      lines.map(({ text: one }) => one),
      [`${year}: é`, `${year}: `],
    );
    assert.equal(lines[1]?.cursor.split(':')[1], String(Buffer.byteLength(text())));
  });

  test('logs that are off: read, not kept', async () => {
    const { write, done, tail, text } = await reading({ enabled: false });
    write.end('one\n');
    await done;
    assert.equal(tail.text, 'one');
    assert.throws(text, /ENOENT/);
  });

  test('one file for both streams and everything gets each line once', async () => {
    const file = join(dir, 'all.log');
    const { write, done, text } = await reading({ out: file, err: file, combined: file });
    write.end('one\n');
    await done;
    assert.equal(text(), 'one\n');
  });
});
