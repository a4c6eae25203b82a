import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BodySink } from '../../../src/balancer/request-body.ts';
import { RequestBody } from '../../../src/balancer/request-body.ts';

const sinkOf = (): { readonly sink: BodySink; readonly text: () => string } => {
  let text = '';
  const sink: BodySink = {
    requestDone: false,
    write: (bytes) => {
      text += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('latin1');
      return true;
    },
    cork: () => {},
    uncork: () => {},
  };
  return { sink, text: () => text };
};

test('an empty chunk of a chunked body does not end it, before and behind the connection', () => {
  const body = new RequestBody(true);
  const { sink, text } = sinkOf();
  assert.equal(body.take(new Uint8Array(0)), true);
  body.take(Buffer.from('ab'));
  body.begin(sink);
  assert.equal(body.take(new Uint8Array(0)), true);
  body.take(Buffer.from('c'));
  assert.equal(sink.requestDone, false);
  body.end(null);
  assert.equal(text(), '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n');
  assert.equal(sink.requestDone, true);
  assert.equal(body.bytes, 3);
});
