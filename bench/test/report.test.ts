import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertResults } from '../lib/report.ts';

test('results replace what stands between the marks and nothing else', () => {
  const page = '# Page\n\n<!-- results: written by bench/run.ts -->\nold\n<!-- /results -->\n\nafter\n';
  const written = insertResults(page, 'new\n');
  assert.equal(
    written,
    '# Page\n\n<!-- results: written by bench/run.ts -->\n\nnew\n\n<!-- /results -->\n\nafter\n',
  );
  assert.equal(insertResults(written, 'new\n'), written);
});

test('a page without the marks is left alone', () => {
  assert.throws(() => insertResults('# Page\n', 'new\n'), /has no/);
});
