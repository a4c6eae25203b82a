import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherPort, switchText } from '../../../../src/cli/import/switch-text.ts';

test('an app with a port is moved over another port', () => {
  const text = switchText([{ name: 'my-api', pm2Name: 'my api', port: '3000' }], 'skein.config.ts');
  assert.match(text, /^my-api, port 3000\n/);
  assert.match(text, /skein start skein\.config\.ts --only my-api --env PORT=13000/);
  assert.match(text, /pm2 delete 'my api' && skein start skein\.config\.ts --only my-api$/);
  // The rule that is gone first is the one that sends to the port that nobody serves any more.
  assert.ok(
    text.indexOf('-D PREROUTING -p tcp --syn --dport 3000 -j REDIRECT') <
      text.indexOf('-D PREROUTING -p tcp --syn --dport 3000 -j ACCEPT'),
  );
});

test('what has no port, or none that is a number, has a gap', () => {
  for (const port of [null, '/run/api.sock', ''])
    assert.match(switchText([{ name: 'queue', pm2Name: 'queue', port }], 'x.ts'), /^queue, no PORT known\n/);
});

test('the other port is one', () => {
  assert.equal(otherPort('80'), '10080');
  assert.equal(otherPort('60000'), '50000');
});
