import { createMemoryEngine } from '../../../src/state/engines/memory/engine.ts';
import { createStateOver } from '../../../src/state/state.ts';
import { createState } from '../../../src/state/create.ts';
import { stateConformance } from '../../support/state-conformance.ts';
import { stateEvictions } from '../../support/state-evictions.ts';

const engine = createMemoryEngine({ maxBytes: 64 * 1024 * 1024 });

stateConformance('memory', {
  connect: () => createStateOver(engine, { prefix: 'skein:', maxValueBytes: 1024 * 1024 }),
  part: 'all',
  tellsExpiry: true,
});

stateEvictions('memory', {
  connect: () => createState({ url: 'memory:', maxMemory: '1M' }),
  tells: 'each',
  subscribes: true,
  goes: 'oldest',
});
