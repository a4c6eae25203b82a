/** What is done once per cluster, over a real state server. */
import { after } from 'node:test';
import { createState } from '../../src/state/create.ts';
import { onceSuite } from '../support/once-suite.ts';
import { startStateServerProcess } from '../support/state-server-process.ts';

const server = await startStateServerProcess('shop');
after(() => server.close());

// `./` any number of times: each path is a connection of its own, as processes have.
let count = 0;

onceSuite('embedded', {
  connect(namespace) {
    count += 1;
    return createState({
      url: server.url.replace('state.sock', `${'.%2F'.repeat(count % 12)}state.sock`),
      namespace,
    });
  },
});
