import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type { WorkerTag } from '../../../src/protocol/holder.ts';
import type { RawHandle } from '../../../src/supervisor/holder-client.ts';
import { LogFiles, OutputTail, logFile, readOutput } from '../../../src/supervisor/output.ts';

const dir = mkdtempSync(join(tmpdir(), 'skein-output-'));
after(() => rmSync(dir, { recursive: true }));

const tag: WorkerTag = { id: 'a', app: 'api', slot: 0, generation: 1, accept: 'shared', alone: true };
const quiet = (): LogFiles => new LogFiles(dir, (text) => assert.fail(text));

/** A pipe: what is written on one end arrives at the raw handle. */
const pipe = async (): Promise<{ write: Socket; handle: RawHandle }> => {
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
  readonly lines: string[];
  readonly tail: OutputTail;
  readonly done: Promise<void>;
}

const reading = async (app: string, files = quiet()): Promise<Reading> => {
  const { write, handle } = await pipe();
  const lines: string[] = [];
  const tail = new OutputTail();
  const done = readOutput({
    handle,
    tag: { ...tag, app },
    stream: 'out',
    files,
    tail,
    onLines: (_tag, _stream, some) => lines.push(...some),
  });
  return { write, lines, tail, done };
};

describe('output of a worker', () => {
  test('chunks split anywhere, also inside a character, come out as the same lines', async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '-'))),
        fc.array(fc.nat(40)),
        async (lines, cuts) => {
          const app = `split-${(n += 1)}`;
          const { write, lines: read, done } = await reading(app);
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          let at = 0;
          for (const cut of cuts) {
            write.write(bytes.subarray(at, at + cut));
            at += cut;
          }
          write.end(bytes.subarray(at));
          await done;
          assert.deepEqual(read, lines);
          if (lines.length > 0) assert.equal(readFileSync(logFile(dir, app, 'out'), 'utf8'), String(bytes));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a last line without its newline is a line', async () => {
    const { write, lines, done, tail } = await reading('last');
    write.end('one\ntwo');
    await done;
    assert.deepEqual(lines, ['one', 'two']);
    assert.equal(tail.text, 'one\ntwo');
  });

  test('a line of a megabyte stays one line', async () => {
    const { write, lines, done } = await reading('long');
    const long = 'x'.repeat(1 << 20);
    write.end(`${long}\nshort\n`);
    await done;
    assert.deepEqual(
      lines.map(({ length }) => length),
      [1 << 20, 5],
    );
  });

  test('regression: what never has a newline is broken, so that it does not fill the memory', async () => {
    const { write, lines, done } = await reading('endless');
    write.end('y'.repeat(5 << 20));
    await done;
    assert.ok(lines.length >= 4, String(lines.length));
    assert.equal(lines.join('').length, 5 << 20);
  });

  test('the tail keeps the end', () => {
    const tail = new OutputTail();
    for (let n = 0; n < 1000; n += 1) tail.add(`line ${n} of many`);
    assert.ok(tail.text.endsWith('line 999 of many'));
    assert.ok(tail.text.length <= 4096);
  });
});

describe('log files', () => {
  test('a file that cannot be written is said once, and again after it could be', () => {
    const warnings: string[] = [];
    const at = join(dir, 'not-there');
    const files = new LogFiles(at, (text) => warnings.push(text));
    files.append('api', 'out', 'lost\n');
    files.append('api', 'out', 'lost\n');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /cannot write .*api\.out\.log: ENOENT/);
  });

  test('reopen follows a rotation from outside', () => {
    const files = quiet();
    const path = logFile(dir, 'rotated', 'out');
    files.append('rotated', 'out', 'one\n');
    renameSync(path, `${path}.1`);
    files.append('rotated', 'out', 'two\n');
    files.reopen();
    files.append('rotated', 'out', 'three\n');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), 'one\ntwo\n');
    assert.equal(readFileSync(path, 'utf8'), 'three\n');
  });

  test('regression: the files of a removed app are closed', () => {
    const files = quiet();
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let n = 0; n < 20; n += 1) {
      files.append(`gone-${n}`, 'out', 'x\n');
      files.append(`gone-${n}`, 'err', 'x\n');
      files.close(`gone-${n}`);
    }
    assert.equal(open(), before);
  });

  test('names that are no file names do not leave the directory', () => {
    assert.equal(logFile('/logs', '@scope:api', 'err'), '/logs/@scope_api.err.log');
    writeFileSync(logFile(dir, '..', 'out'), '');
  });
});
