import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { LineWriter } from '../../../../src/balancer/observe/line-writer.ts';

/** Takes nothing until `take`. */
class Slow extends Writable {
  readonly written: string[] = [];
  #taken: (() => void) | undefined;
  #open: boolean;

  constructor(open: boolean) {
    super({ decodeStrings: false, highWaterMark: 16 << 10 });
    this.#open = open;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    if (this.#open) done();
    else this.#taken = done;
  }

  take(): void {
    this.#open = true;
    this.#taken?.();
  }
}

const writing = (stream: Writable): LineWriter =>
  new LineWriter({ stream: () => stream, droppedLine: (dropped) => `${dropped} missing\n` });

test('lines of one turn are one write', async () => {
  const stream = new Slow(true);
  const writer = writing(stream);
  for (const line of ['a\n', 'b\n', 'c\n']) writer.add(line);
  assert.deepEqual(stream.written, []);
  await turn();
  assert.deepEqual(stream.written, ['a\nb\nc\n']);
  writer.add('d\n');
  await turn();
  assert.deepEqual(stream.written, ['a\nb\nc\n', 'd\n']);
});

test('much at once does not wait for the end of the turn', () => {
  const stream = new Slow(true);
  const writer = writing(stream);
  for (let at = 0; at < 70; at += 1) writer.add(`${'x'.repeat(1023)}\n`);
  assert.deepEqual(
    stream.written.map((text) => text.length),
    [64 << 10],
  );
});

test('without lines the stream is not even asked for', async () => {
  const writer = new LineWriter({ stream: () => assert.fail('asked'), droppedLine: String });
  writer.flush();
  await writer.close();
});

test('a reader that reads nothing loses lines, which are counted and told', async () => {
  const stream = new Slow(false);
  const writer = writing(stream);
  const line = `${'x'.repeat(1023)}\n`;
  for (let at = 0; at < 3000; at += 1) writer.add(line);
  // 64 in the stream, and 1 MiB here.
  assert.equal(writer.dropped, 3000 - 64 - 1024);
  assert.ok(stream.writableLength <= 128 << 10);
  stream.take();
  await turn();
  await writer.close();
  const text = stream.written.join('');
  assert.equal(text.split('\n').length - 1, 64 + 1024 + 1);
  assert.match(text, /\n1912 missing\n$/);
});

test('a reader that has gone breaks nothing', async () => {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const writer = writing(stream);
  writer.add('a\n');
  await turn();
  await turn();
  writer.add('b\n');
  await turn();
  assert.equal(writer.dropped, 1);
  await writer.close();
});

test('closing waits until the lines are taken', async () => {
  const stream = new Slow(false);
  const writer = writing(stream);
  writer.add('a\n');
  let closed = false;
  const closing = writer.close().then(() => (closed = true));
  await turn();
  assert.deepEqual(stream.written, ['a\n']);
  assert.equal(closed, false);
  stream.take();
  await closing;
});

test('closing does not wait for ever', async () => {
  const stream = new Slow(false);
  const writer = writing(stream);
  writer.add('a\n');
  await writer.close(20);
});
