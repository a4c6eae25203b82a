/** noRequestLost does see a loss: a promise that cannot be broken in a test proves nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRequestLost } from '../support/no-request-lost.ts';

test(
  'an app that is stopped under load: its requests are lost, and that is said',
  { timeout: 60_000 },
  async () => {
    await assert.rejects(
      noRequestLost({
        script: 'http.js',
        instances: 2,
        quiet: true,
        load: { rate: 200 },
        async act({ skein, app }) {
          await skein.ok(['stop', app]);
          await skein.ok(['start', app]);
        },
      }),
      /requests were lost: .*"refused": [1-9]/s,
    );
  },
);
