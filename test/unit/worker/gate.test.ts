import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gate } from '../../../src/worker/gate.ts';

describe('the gate', () => {
  it('open at boot lets in at once', () => {
    const gate = new Gate(false);
    let entered = 0;
    gate.whenOpen(() => entered++);
    gate.open();
    assert.deepEqual([entered, gate.state], [1, 'open']);
  });

  it('closed at boot lets in when it opens, once, in order', () => {
    const gate = new Gate(true);
    const entered: number[] = [];
    for (const one of [1, 2]) gate.whenOpen(() => entered.push(one));
    assert.deepEqual(entered, []);
    gate.open();
    gate.open();
    assert.deepEqual(entered, [1, 2]);
  });

  it('shut lets nobody in, and stays shut', () => {
    const gate = new Gate(true);
    let entered = 0;
    gate.whenOpen(() => entered++);
    gate.shut();
    gate.open();
    gate.whenOpen(() => entered++);
    assert.deepEqual([entered, gate.state], [0, 'shut']);
  });
});
