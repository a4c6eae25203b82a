import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { startRedis } from '../support/state-servers.ts';
import { startStateServerProcess } from '../support/state-server-process.ts';
import { sessionsWhileAway, stateSessions } from '../support/state-sessions.ts';

const redis = await startRedis('--appendfsync', 'no');
after(() => redis.close());
const overRedis = () => createState({ url: `redis://127.0.0.1:${redis.port}`, timeout: 300 });

const embedded = await startStateServerProcess('sessions');
after(() => embedded.close());

stateSessions('memory', () => createState());
stateSessions('embedded', () => createState({ url: embedded.url }));
stateSessions('Redis', overRedis);
sessionsWhileAway('Redis', overRedis, {
  leave: () => redis.kill(),
  comeBack: () => redis.start(),
});
