import { createMemoryEngine } from '../../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../../src/state/state.ts';
import { testMessages } from '../../../support/message-contract.ts';

testMessages({
  name: 'memory',
  open: () => {
    const engine = createMemoryEngine({ maxBytes: 64 * 1024 * 1024 });
    const state = createStateOver(engine, { prefix: 'test:', maxValueBytes: 1024 * 1024 });
    return () => state;
  },
});
