import { createMemoryEngine } from '../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../src/state/state.ts';
import { onceSuite } from '../../support/once-suite.ts';

const engine = createMemoryEngine({ maxBytes: 64 * 1024 * 1024 });

onceSuite('memory', {
  connect: (namespace) =>
    createStateOver(
      // Its end belongs to all members.
      { ...engine, close: async () => {} },
      { prefix: `skein:${namespace}:`, maxValueBytes: 1024 * 1024 },
    ),
});
