/** Against a holder that only writes down what it is asked, and real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { homeFrom } from '../../../src/os/home.ts';
import type { ChildInfo, HolderCommand } from '../../../src/protocol/holder.ts';
import type { NewEvent } from '../../../src/supervisor/events.ts';
import { StateServer } from '../../../src/supervisor/state-server.ts';
import { stateServerCommand, stateServerId } from '../../../src/supervisor/state-server-child.ts';
import { isAnswered } from '../../../src/supervisor/state-server-lookout.ts';
import { until } from '../../support/wait.ts';

let dir: string;
let path: string;
const ends: (() => void)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sk-'));
  path = homeFrom(dir).stateSocket;
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
  rmSync(dir, { recursive: true, force: true });
});

interface Made {
  readonly server: StateServer;
  readonly commands: HolderCommand[];
  readonly events: NewEvent[];
  readonly holder: { alive: boolean };
}

const made = (found: readonly ChildInfo[] = []): Made => {
  const commands: HolderCommand[] = [];
  const events: NewEvent[] = [];
  const holder = { pid: 1, alive: true, send: (command: HolderCommand) => void commands.push(command) };
  let ids = 0;
  const server = new StateServer({
    home: homeFrom(dir),
    holder,
    found,
    emit: (event) => void events.push(event),
    log: () => {},
    newId: () => `id${(ids += 1)}`,
  });
  server.heard({ event: 'handed-over' }, undefined);
  ends.push(() => server.end());
  return { server, commands, events, holder };
};

const child = (changes: Partial<ChildInfo> = {}): ChildInfo => ({
  tag: stateServerCommand(
    stateServerId(() => 'old'),
    homeFrom(dir),
  ).tag,
  pid: process.pid,
  startedAt: Date.now(),
  exit: null,
  ...changes,
});

/** What a client gets to see: `closed` or why it could not connect. */
const visit = (): Promise<string> =>
  new Promise((resolve) => {
    connect(path)
      .on('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? '?'))
      .on('close', () => resolve('closed'))
      .resume();
  });

/** To look at the file is not to be a client. */
const listens = (): Promise<boolean> => until('somebody listens', () => existsSync(path));

const spawned = async ({ server, commands }: Made): Promise<string> => {
  const command = await until('it is spawned', () => commands.find(({ verb }) => verb === 'spawn'));
  const { id } = (command as Extract<HolderCommand, { verb: 'spawn' }>).tag;
  server.heard({ event: 'spawned', id, pid: process.pid, startedAt: Date.now() }, undefined);
  return id;
};

test('the first client has it started, and whoever comes then finds nobody until it listens', async () => {
  const one = made();
  await listens();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await visit();
  await spawned(one);
  assert.equal(await visit(), 'ECONNREFUSED');
  assert.equal(one.server.view(Date.now())?.pid, process.pid);
  assert.deepEqual(
    one.commands.map(({ verb }) => verb),
    ['spawn'],
  );
});

test('once it has ended by itself the next client is waited for', async () => {
  const one = made();
  await listens();
  await visit();
  const id = await spawned(one);
  one.server.heard({ event: 'exited', id, exit: { code: 0, signal: null } }, undefined);
  await until('it is forgotten', () => one.server.view(Date.now()) === null);
  await until('somebody listens', () => isAnswered(path));
  assert.deepEqual(
    one.commands.map(({ verb }) => verb),
    ['spawn', 'forget', 'spawn'],
  );
  assert.deepEqual(
    one.events.map(({ kind }) => kind),
    ['state-server-started'],
  );
});

test('one that an earlier supervisor started is left as it is', async () => {
  const theirs = createServer((socket) => socket.end()).listen(path);
  ends.push(() => theirs.close());
  await once(theirs, 'listening');
  const { server, commands } = made([child()]);
  assert.equal(server.view(Date.now())?.pid, process.pid);
  assert.equal(await visit(), 'closed');
  assert.deepEqual(commands, []);
});

test('one that ended while there was no supervisor is announced and replaced', async () => {
  const one = made([child({ exit: { code: null, signal: 'SIGKILL' } })]);
  await spawned(one);
  assert.deepEqual(
    one.commands.map(({ verb }) => verb),
    ['forget', 'spawn'],
  );
  assert.match(one.events[0]!.text, /SIGKILL, and what apps shared is gone/);
});

test('of two, one is ended', () => {
  const other = child({ tag: { ...child().tag, id: stateServerId(() => 'other') } });
  const { commands } = made([child(), other]);
  assert.deepEqual(commands, [{ verb: 'signal', id: other.tag.id, signal: 'SIGKILL', group: true }]);
  const third = stateServerId(() => 'third');
  const late = made([child()]);
  late.server.heard({ event: 'spawned', id: third, pid: 1, startedAt: 0 }, undefined);
  assert.deepEqual(late.commands, [{ verb: 'signal', id: third, signal: 'SIGKILL', group: true }]);
});

test('events of workers are not for it', () => {
  const { server } = made();
  assert.equal(server.heard({ event: 'exited', id: 'w', exit: { code: 0, signal: null } }, undefined), false);
  assert.equal(server.heard({ event: 'handed-over' }, undefined), false);
});

test('the socket of somebody who listens is not taken before that one ends', async () => {
  const theirs: Server = createServer((socket) => socket.end()).listen(path);
  await once(theirs, 'listening');
  const { commands } = made();
  assert.equal(await visit(), 'closed');
  theirs.close();
  await until('somebody listens', () => isAnswered(path));
  await until('it is spawned', () => commands.length === 1);
});

test('what was left between bind and rename is removed, what lives is not', async () => {
  writeFileSync(`${path}.4194304`, '');
  writeFileSync(`${path}.${process.ppid}`, '');
  writeFileSync(`${path}.mine`, '');
  made();
  await listens();
  assert.deepEqual(
    readdirSync(dir),
    ['state.sock', `state.sock.${process.ppid}`, 'state.sock.mine'].toSorted(),
  );
});

test('a socket that cannot be made is said once', async () => {
  const { server, events } = made();
  await listens();
  server.heard({ event: 'spawned', id: stateServerId(() => 'x'), pid: 1, startedAt: 0 }, undefined);
  rmSync(dir, { recursive: true });
  server.heard({ event: 'exited', id: stateServerId(() => 'x'), exit: { code: 0, signal: null } }, undefined);
  await until('it is said', () =>
    events.find(({ text }) => text.startsWith('apps cannot share state before')),
  );
});

test('a store is dropped with its app, and what goes wrong is said', async () => {
  const lines: string[] = [];
  const answers = ['{"protocol":1,"pid":1,"started":1}\n[3]\n', '{"farewell":"speak up"}\n', ''];
  const theirs = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    socket.end(answers.shift() ?? '');
  }).listen(path);
  ends.push(() => theirs.close());
  await once(theirs, 'listening');
  const { server, events } = made([child()]);
  assert.notEqual(server.drop('a'), null);
  await Promise.all([server.drop('b'), server.drop('c')]);
  assert.equal(made().server.drop('a'), null, 'where none runs there is nothing to drop');
  assert.equal(lines[0], '{"protocol":1,"store":"a"}\n[13]\n');
  assert.deepEqual(events.map(({ text }) => text).toSorted(), [
    'what b shared may still be in the state server: speak up',
    'what c shared may still be in the state server: it ended the connection',
  ]);
});

test('it ends with everything, and its socket goes', async () => {
  const { server, commands } = made();
  await listens();
  server.end();
  assert.deepEqual(readdirSync(dir), []);
  await visit();
  assert.deepEqual(commands, []);
});

test('without a holder there is no other', async () => {
  const { server, holder, commands } = made();
  await listens();
  holder.alive = false;
  server.holderGone();
  assert.equal(await visit(), 'ECONNREFUSED');
  assert.deepEqual(commands, []);
});
