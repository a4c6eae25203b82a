/**
 * The inside of a worker, put together before the app's first line. What the app then does as a
 * plain Node program is seen at a handful of places: `listen`, `close`, `process.send`.
 *
 * The outside: src/supervisor/worker-handle.ts (decides), src/holder/holder.ts (holds the sockets).
 */
import type net from 'node:net';
import type { Boot, FromWorker, ToWorker, WorkerPhase } from '../protocol/worker.ts';
import { gateClosedAtBoot } from '../protocol/worker.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { countLost, countRequests, newTally, statsOf } from './accounting.ts';
import { softenClose } from './app-close.ts';
import { installAppLink } from './app-link.ts';
import { Behind } from './behind.ts';
import { releaseClusterChild, watchHolder } from './cluster-child.ts';
import { connectState } from './connect-state.ts';
import { Connections } from './connections.ts';
import type { Control } from './control.ts';
import { connectControl } from './control.ts';
import type { Dial } from './dial.ts';
import { createDial } from './dial.ts';
import { installDgramSeam } from './dgram-seam.ts';
import { Drain } from './drain.ts';
import { releaseAllHolds } from './event-loop-hold.ts';
import { Gate } from './gate.ts';
import { openHolderChannel } from './holder-channel.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { raiseKeepAlive } from './keep-alive.ts';
import { takeDisconnect } from './leave.ts';
import { installListenSeam } from './listen-seam.ts';
import { ListenerKeys } from './listener-keys.ts';
import { Listeners } from './listeners.ts';
import { takeProcessSend } from './process-send.ts';
import { createBeats, reportStats, utilisationMeter } from './reports.ts';
import { Retirement } from './retirement.ts';
import type { Seam } from './seam.ts';
import { kindOfServer } from './server-kind.ts';
import { createThreadLoan } from './thread-loan.ts';
import { closeWebSockets, isWebSocket, watchUpgrades } from './upgrades.ts';

export { stripPreload, takeBoot } from './boot.ts';

export const startWorker = (boot: Boot): void => {
  const tally = newTally();
  const gate = new Gate(gateClosedAtBoot(boot.ready));
  const connections = new Connections((connection) => {
    countLost(tally, connection);
    drain.connectionClosed();
  });
  const sessions = new Http2Sessions(tally);
  const retirement = new Retirement(sessions, tally);
  const listeners = new Listeners({
    listening(listening) {
      const isEnough = boot.ready.kind === 'listening' || boot.ready.kind === 'auto';
      // Held: a health check of the app has not passed yet.
      if (isEnough && gate.state === 'open') becomeReady();
      control.send({ type: 'listening', listening });
    },
    closed: (key) => control.send({ type: 'closed', key }),
    serving: (serving) => control.send({ type: 'serving', serving }),
  });
  const drain = new Drain({
    gate,
    listeners,
    connections,
    retirement,
    isBehind: (server) => behind?.has(server) === true,
    farewell: () => appLink.beginToLeave(),
    phaseChanged: () => appLink.phaseMayHaveChanged(),
    endIdle: () => appLink.endIdle(),
  });

  let { drainTimeoutMs } = boot;
  let ready = false;
  let declaredReady = false;
  const becomeReady = (): void => {
    ready = true;
    appLink.phaseMayHaveChanged();
  };
  const phase = (): WorkerPhase => (drain.phase !== 'working' ? drain.phase : ready ? 'ready' : 'starting');
  const threads = createThreadLoan(boot.threads, (use) => control.send({ type: 'threads', ...use }));
  const utilisation = utilisationMeter();
  const stats = (): ReturnType<typeof statsOf> => statsOf(tally, connections, utilisation());

  const hello = (): FromWorker => ({
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    id: boot.id,
    pid: process.pid,
    node: process.version,
    phase: phase(),
    listening: listeners.listening(),
    serving: listeners.serving(),
    stats: stats(),
    threads: threads.use(),
    declaredReady,
    count: appLink.count,
    hooks: appLink.hooks,
    health: appLink.health,
  });

  const obey = (message: ToWorker): void => {
    switch (message.type) {
      case 'open':
        becomeReady();
        return gate.open();
      case 'probe':
        return probeServers(control, connections, message);
      case 'beat':
        return beats.set(message.on);
      case 'limits':
        drainTimeoutMs = message.drainTimeoutMs;
        return;
      case 'return':
        return listeners.get(message.key)?.giveBack(message.slot);
      case 'shutdown':
        return end(message.signal);
      case 'count':
        return appLink.counted(message.count);
      case 'balance':
        return appLink.balance(message.snapshot);
      case 'threads':
        return threads.heard(message.loan, message.lent);
      case 'drain':
        return drain.begin(
          message.limitMs,
          (reason) => control.send({ type: 'drained', stats: stats(), reason }),
          message,
        );
      default:
        // A newer supervisor may say more; what is not understood is not for this worker.
        message satisfies never;
    }
  };

  let asked = false;
  const end = (signal?: string): void => {
    // A new supervisor says it again.
    if (asked) return;
    asked = true;
    appLink.shutDown(() => {
      if (signal !== undefined) process.kill(process.pid, signal);
      // An app that does not listen would only be waited for.
      else if (!process.emit('message', 'shutdown', undefined)) process.kill(process.pid, 'SIGTERM');
    });
  };

  const onServer = (server: net.Server): void => {
    const kind = kindOfServer(server);
    raiseKeepAlive(server);
    retirement.revive(server);
    connections.watch(server);
    if (kind === 'http2') sessions.watch(server);
    if ('closeIdleConnections' in server) {
      watchUpgrades(server, (connection) => {
        if (retirement.has(server) && isWebSocket(connection)) closeWebSockets([connection], 0);
      });
    }
    softenClose(server, { retirement, connections, limitMs: () => drainTimeoutMs });
  };

  releaseClusterChild();
  const channel = openHolderChannel(({ key, slot }, handle) => {
    const listener = gate.state === 'shut' ? undefined : listeners.get(key);
    if (listener === undefined) handle.close();
    else listener.lend(slot, handle);
  });
  const isHolderGone = watchHolder(() => channel.lost());
  const dial = createDial(boot.socket, channel);
  const control: Control = connectControl({
    dial,
    hello,
    onMessage: obey,
  });
  const beats = createBeats(control);
  const behind = boot.balanced === true ? new Behind(channel) : null;
  const seam: Seam = {
    channel,
    gate,
    keys: new ListenerKeys(),
    listeners,
    slot: boot.slot,
    behind,
    onServer,
  };
  installListenSeam(seam);
  installDgramSeam(seam);
  countRequests(tally);
  const sayReady = (): void => {
    declaredReady = true;
    control.send({ type: 'ready' });
  };
  const appLink = installAppLink({
    boot,
    phase,
    ready: sayReady,
    health: (health) => {
      if (phase() === 'starting' && health.status !== 'healthy') gate.hold();
      control.send({ type: 'health', health });
    },
    hooks: (hooks) => control.send({ type: 'hooks', hooks }),
    threads: threads.link,
    connectState: () => connectState(boot.stateSocket, channel),
    sayOfBalancer: (said) => control.send({ type: 'balancer', said }),
  });
  takeProcessSend({
    ready: sayReady,
    message: (message) => control.send({ type: 'message', message }),
  });
  takeDisconnect({
    isHolderGone,
    drain: (done) =>
      drain.begin(drainTimeoutMs, () => {
        releaseAllHolds();
        appLink.leave(done);
      }),
  });
  reportStats(control, stats);
  if (boot.hangTimeoutMs !== null) startHangWatch(boot, boot.hangTimeoutMs, dial);
};

/** Loaded by those who ask for it: most workers never do. */
const probeServers = (
  control: Control,
  connections: Connections,
  { path, timeoutMs }: Extract<ToWorker, { type: 'probe' }>,
): void => {
  void import('./probe.ts')
    .then(({ probe }) => probe(connections.servers(), path, timeoutMs))
    .catch((error: unknown) => ({ status: null, reason: String(error) }))
    .then((result) => control.send({ type: 'probed', ...result }));
};

const startHangWatch = ({ socket, id }: Boot, hangTimeoutMs: number, dial: Dial): void => {
  void import('./hang-watch.ts')
    .then(({ watchForHangs }) => watchForHangs({ socket, dial, id, hangTimeoutMs }))
    // Without threads or inspector a hang is still seen by the supervisor, only not where it is.
    .catch(() => {});
};
