import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { stateConformance } from '../support/state-conformance.ts';
import { startRedis } from '../support/state-servers.ts';
import { stateTools } from '../support/state-tools.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());

stateConformance('Redis', {
  connect: () => createState({ url: `redis://127.0.0.1:${redis.port}` }),
  part: 'all',
  tellsExpiry: false,
});

stateTools('Redis', () => createState({ url: `redis://127.0.0.1:${redis.port}` }));
