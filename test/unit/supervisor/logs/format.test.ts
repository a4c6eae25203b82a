import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatLines, noteLine } from '../../../../src/supervisor/logs/format.ts';

const source = { app: 'api', slot: 2, pid: 77, stream: 'err' } as const;
const at = new Date('2026-11-20T16:10:09.123Z');
const plain = { format: 'plain', timestamp: null } as const;
const json = { format: 'json', timestamp: null } as const;

describe('lines in a log', () => {
  test('plain ones are not touched', () => {
    const lines = Buffer.from([0xff, 10, 0xe2, 10]);
    assert.equal(formatLines(lines, plain, source, at), lines);
  });

  test('with a time each line has it, and bytes that are no UTF-8 stay', () => {
    const lines = Buffer.concat([Buffer.from('é $& a\n\n'), Buffer.from([0xff, 10])]);
    const formatted = formatLines(lines, { format: 'plain', timestamp: 'iso' }, source, at);
    const time = Buffer.from('2026-11-20T16:10:09.123Z: ');
    assert.deepEqual(
      formatted,
      Buffer.concat([time, Buffer.from('é $& a\n'), time, Buffer.from('\n'), time, Buffer.from([0xff, 10])]),
    );
  });

  test('as JSON, one object for each line', () => {
    const formatted = formatLines(Buffer.from('say "hi"\n\n'), json, source, at).toString();
    const [first, second, end] = formatted.split('\n');
    assert.equal(end, '');
    assert.deepEqual(JSON.parse(first ?? ''), {
      time: '2026-11-20T16:10:09.123Z',
      ...source,
      text: 'say "hi"',
    });
    assert.equal((JSON.parse(second ?? '') as { text: string }).text, '');
  });

  test("a line of Skein's own has the log's form", () => {
    assert.equal(noteLine('x', plain, source, at).toString(), 'skein: x\n');
    assert.equal(
      (JSON.parse(noteLine('x', json, source, at).toString()) as { text: string }).text,
      'skein: x',
    );
  });
});
