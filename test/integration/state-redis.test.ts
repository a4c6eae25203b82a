import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { stateConformance } from '../support/state-conformance.ts';
import { startRedis } from '../support/state-servers.ts';
import { stateEvictions } from '../support/state-evictions.ts';
import { stateTools } from '../support/state-tools.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());

stateConformance('Redis', {
  connect: () => createState({ url: `redis://127.0.0.1:${redis.port}` }),
  part: 'all',
  tellsExpiry: false,
});

stateTools('Redis', () => createState({ url: `redis://127.0.0.1:${redis.port}` }));

const small = await startRedis(
  ...['--appendonly', 'no', '--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru'],
  ...['--maxmemory-samples', '64'],
);
after(() => small.close());

stateEvictions('Redis', {
  connect: () => createState({ url: `redis://127.0.0.1:${small.port}` }),
  tells: 'none',
  subscribes: true,
  goes: 'sampled',
});
