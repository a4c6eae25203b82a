import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { startRedis } from '../support/state-servers.ts';
import { stateSessions } from '../support/state-sessions.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());

stateSessions('memory', () => createState());
stateSessions('Redis', () => createState({ url: `redis://127.0.0.1:${redis.port}` }));
