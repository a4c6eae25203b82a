import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readName } from '../../../src/config/app-name.ts';
import { homeFrom } from '../../../src/os/home.ts';
import type { WorkerTag } from '../../../src/protocol/holder.ts';
import type { Welcome } from '../../../src/supervisor/holder-client.ts';
import {
  isStateServerId,
  stateServerCommand,
  stateServerId,
  withoutStateServer,
} from '../../../src/supervisor/state-server-child.ts';

const id = stateServerId(() => 'x1');

test('it is asked for under a name that no app can have', () => {
  const { tag, args, env, ipc } = stateServerCommand(id, homeFrom('/home'));
  assert.equal(isStateServerId(tag.id), true);
  assert.throws(() => readName(tag.app));
  assert.deepEqual(args.slice(-2), ['--socket', '/home/state.sock']);
  assert.equal(env['SKEIN_STATE_SERVER'], '/home/state.sock');
  assert.equal(ipc, false);
});

test('it is no worker', () => {
  const worker: WorkerTag = {
    id: 'w1',
    app: 'api',
    slot: 0,
    generation: 1,
    accept: 'shared',
    alone: true,
  };
  const { tag } = stateServerCommand(id, homeFrom('/home'));
  const child = (of: WorkerTag): Welcome['children'][number] => ({
    tag: of,
    pid: 1,
    startedAt: 0,
    exit: null,
  });
  const { welcome, stateServers } = withoutStateServer({
    event: 'welcome',
    protocol: 1,
    pid: 1,
    version: '1',
    startedAt: 0,
    home: '/home',
    foreground: false,
    children: [child(worker), child(tag)],
    listeners: [],
  });
  assert.deepEqual(welcome.children, [child(worker)]);
  assert.deepEqual(stateServers, [child(tag)]);
});
