/** Everything that state promises, over a real state server. */
import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { stateConformance } from '../support/state-conformance.ts';
import { stateEvictions } from '../support/state-evictions.ts';
import { startStateServerProcess } from '../support/state-server-process.ts';
import { stateTools } from '../support/state-tools.ts';

const server = await startStateServerProcess('shop');
after(() => server.close());

// A namespace as a second path: `./` gives each its own connection, as two processes have.
const [one, other] = [server.url, server.url.replace('state.sock', '.%2Fstate.sock')];
let count = 0;
const connect = () => createState({ url: count++ % 2 ? one : other });

stateConformance('embedded', { connect, part: 'all', tellsExpiry: true });
stateTools('embedded', connect);

stateEvictions('embedded', {
  connect: () => createState({ url: one.replace('store=shop', 'store=small'), maxMemory: '1M' }),
  tells: 'each',
  subscribes: true,
  goes: 'oldest',
});
