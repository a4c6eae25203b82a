/** Composition root of the supervisor. Only the holder starts it. */
import type { Server } from 'node:net';
import { parseArgs } from 'node:util';
import { makeDirectory } from '../os/make-directory.ts';
import { createControlServer } from '../control/server.ts';
import { entryFile } from '../core/entry-url.ts';
import { newId } from '../core/id.ts';
import { createLog } from '../core/log.ts';
import { version } from '../core/version.ts';
import { homeFrom } from '../os/home.ts';
import { appEnv } from '../supervisor/app-env.ts';
import { keepFilesPrivate } from '../os/umask.ts';
import { rememberMissing } from '../config/hidden-values.ts';
import { Events } from '../supervisor/events.ts';
import type { RawHandle } from '../supervisor/holder-client.ts';
import { connectToHolder, sayAble } from '../supervisor/holder-client.ts';
import { lastLines } from '../supervisor/last-lines.ts';
import { printForeground } from '../supervisor/logs/foreground.ts';
import { Logs } from '../supervisor/logs/logs.ts';
import { restore } from '../supervisor/restore.ts';
import { loadState } from '../supervisor/store.ts';
import { StateServer } from '../supervisor/state-server.ts';
import { withoutStateServer } from '../supervisor/state-server-child.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { Upgrade } from '../supervisor/upgrade.ts';

const { values } = parseArgs({
  options: { home: { type: 'string' }, candidate: { type: 'boolean', default: false } },
});
const home = homeFrom(values.home!);
process.title = 'skein supervisor';
keepFilesPrivate();
makeDirectory(home.logDir);

const log = createLog(home.supervisorLog);
process.on('uncaughtException', (error) => {
  log('error', 'uncaught', { stack: error.stack });
  // The holder starts the next one, which finds everything as it is.
  process.exit(1);
});

/** Gives a server a handle that the holder has bound. The wrap must stay referenced: it owns the fd. */
const listenOn = (server: Server, handle: RawHandle): void => {
  const raw = server as unknown as { _handle: RawHandle; _listen2(...args: unknown[]): void };
  raw._handle = handle;
  raw._listen2(null, -1, -1, 511);
};

connectToHolder((given, holder) => {
  const { welcome, stateServers } = withoutStateServer(given);
  const events = new Events(({ text, at: _, ...event }) => log('info', text, event));
  events.restore(lastLines(home.supervisorLog, 500));
  const logs = new Logs(home.logDir, (event) => events.emit(event));
  logs.forgetRestsExcept(new Set(welcome.children.map(({ tag }) => tag.id)));
  const { state, notes } = restore(home, welcome);
  for (const note of notes) events.emit({ kind: 'message', ...note });
  const stateServer = new StateServer({
    home,
    holder,
    found: stateServers,
    emit: (event) => events.emit(event),
    log,
    newId,
  });
  const supervisor = new Supervisor({
    home,
    version,
    preload: entryFile('preload'),
    balancer: entryFile('balancer'),
    welcome,
    holder,
    state,
    events,
    logs,
    stateServer,
    listen: (server, handle) => listenOn(server === 'control' ? control : server, handle),
  });
  const { balancing, commands } = supervisor;
  const upgrade = new Upgrade({
    holder,
    version,
    logFile: home.supervisorLog,
    exit: () => process.exit(0),
  });
  const control = createControlServer(
    {
      ping: () => supervisor.ping(),
      list: (targets) => supervisor.list(targets),
      describe: (targets) => supervisor.describe(targets),
      start: (spec) => commands.start(spec),
      operate: (request) => commands.operate(request),
      apply: (request) => commands.apply({ ...request, apps: request.apps.map(rememberMissing) }),
      operation: (id) => commands.operation(id),
      signal: (request) => commands.signal(request),
      reset: (targets) => commands.reset(targets),
      balancers: (targets) => balancing.views(commands.select(targets)),
      changeUpstream: (request) => {
        commands.mustNotClose();
        return balancing.changeUpstream(request);
      },
      environments: (targets) => ({
        apps: commands
          .select(targets)
          .map(({ name, record }) => ({ name, env: appEnv(record.current.spec, home.stateSocket) })),
      }),
      stopped: (name) => supervisor.stopped(name),
      shutdown: () => supervisor.shutdown(),
      names: (targets) => commands.shown(targets).map(({ name }) => name),
      eventsSince: (at) => events.since(at),
      followEvents: (follower) => events.follow(follower),
      logPlaces: (targets, stream) =>
        commands.shown(targets).flatMap((app) => logs.places(app.record.current.spec, stream)),
      followLogs: (follower) => logs.followers.add(follower),
      flushLogs: (targets) => logs.files.flush(commands.shown(targets).map((app) => app.record.current.spec)),
      reopenLogs: () => logs.files.reopen(),
      save: () => supervisor.saveList(),
      upgrade: async (request) => {
        commands.mustNotClose();
        await upgrade.begin(request);
      },
    },
    home.supervisorLog,
  );
  if (welcome.foreground)
    printForeground(logs.followers, events, (app) => supervisor.list([app])[0]?.instances ?? 1);

  process.on('SIGUSR2', () => commands.reloadAll());
  process.on('SIGHUP', () => logs.files.reopen());
  process.on('SIGTERM', () => supervisor.shutdown());
  process.on('SIGINT', () => {});

  return {
    event: (event, handle) => {
      if (upgrade.heard(event) || stateServer.heard(event, handle)) return;
      supervisor.holderEvent(event, handle);
    },
    gone: () => {
      stateServer.holderGone();
      supervisor.holderGone();
    },
  };
});

if (values.candidate) {
  // Throws when it is of a version that cannot be read.
  loadState(home.stateFile);
  sayAble(version);
}
