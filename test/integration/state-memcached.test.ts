import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { stateConformance } from '../support/state-conformance.ts';
import { startMemcached } from '../support/state-servers.ts';

const memcached = await startMemcached();
after(() => memcached.close());

stateConformance('Memcached', {
  connect: () => createState({ url: `memcached://127.0.0.1:${memcached.port}` }),
  part: 'cache',
  tellsExpiry: false,
});
