import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { startRedis } from '../support/state-servers.ts';
import { sessionsWhileAway, stateSessions } from '../support/state-sessions.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());
const overRedis = () => createState({ url: `redis://127.0.0.1:${redis.port}`, timeout: 300 });

stateSessions('memory', () => createState());
stateSessions('Redis', overRedis);
sessionsWhileAway('Redis', overRedis, {
  leave: () => redis.kill(),
  comeBack: () => redis.start(),
});
