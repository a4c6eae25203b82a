/**
 * Where an app's `server.listen()` becomes a socket of the holder. Two places of lib/net.js lead
 * here, and every net, http, https, http2 and tls server passes one of them:
 *
 *   several workers   listenInCluster ──▶ cluster._getServer ──▶ holder ──▶ server._listen2
 *   one worker        listenInCluster ──▶ server._listen2 ──▶ holder ──▶ Node's own _listen2
 *
 * With one worker `cluster.isPrimary` stays true, so an app that forks a cluster of its own works
 * unmodified; its listening socket, made in its primary, is then ours as well.
 */
import cluster from 'node:cluster';
import net from 'node:net';
import { resolve } from 'node:path';
import type { Where } from './behind.ts';
import { isForBehind } from './behind.ts';
import { bindUdpInCluster } from './dgram-seam.ts';
import type { Bound } from './holder-channel.ts';
import type { ListenQuery } from './listener-keys.ts';
import type { ServerHandle, SocketName } from './node-internals.ts';
import { inside, REUSEPORT_FLAG } from './node-internals.ts';
import type { Seam } from './seam.ts';
import { adoptHandle } from './server-listener.ts';
import { listenError } from './socket-address.ts';
import { standInHandle } from './stand-in-handle.ts';

/** The options that lib/net.js and lib/dgram.js give to `_getServer`. */
export interface GetServerOptions {
  readonly address: string | null;
  readonly port: number | null;
  readonly addressType: number | string | null;
  readonly fd?: number | null;
  readonly flags?: number | null;
}

type GetServer = (
  server: net.Server,
  options: GetServerOptions,
  done: (errno: number, handle: ServerHandle | null) => void,
) => void;

/** Handles that are under watch, so that none is put there twice. */
const adopted = new WeakSet<object>();

export const installListenSeam = (seam: Seam): void => {
  const several = cluster.isWorker;
  if (several) {
    (cluster as unknown as { _getServer: GetServer })._getServer = (server, options, done) => {
      if (!(server instanceof net.Server)) return bindUdpInCluster(seam, server, options, done as never);
      bindServer(seam, server, options, (errno, handle) => done(errno, handle));
    };
  }

  const prototype = inside(net.Server.prototype);
  const listen2 = prototype._listen2;
  prototype._listen2 = function (address, port, addressType, backlog, fd, flags) {
    const proceed = (): void => listen2.call(this, address, port, addressType, backlog, fd, flags);
    const present = inside(this)._handle;
    // `reusePort` asks for company on the port, not for a socket whose queue dies with the worker,
    // so it is held like any other. `exclusive` asks for a socket of this worker alone.
    const reusePort = ((flags ?? 0) & REUSEPORT_FLAG) !== 0;
    if (present === null && typeof fd !== 'number' && (!several || reusePort)) {
      bindServer(seam, this, { address, port, addressType, flags: flags ?? 0 }, (errno, handle) => {
        if (handle === null) return void this.emit('error', listenError(errno, address, port));
        inside(this)._handle = handle;
        proceed();
      });
      return;
    }
    proceed();
    if (present === null || !adopted.has(present)) adoptOwn(seam, this);
  };
};

/** A socket that the app brought or wants for this worker alone: counted and drained, never lent. */
const adoptOwn = (seam: Seam, server: net.Server): void => {
  const handle = inside(server)._handle;
  // Listening has failed, and Node has said so.
  if (handle === null) return;
  const query = { address: inside(server)._pipeName ?? null, port: null, addressType: 'own', fd: null };
  adopt(seam, server, handle, query).listensAlready();
};

const bindServer = (
  seam: Seam,
  server: net.Server,
  options: GetServerOptions,
  done: (errno: number, handle: ServerHandle | null) => void,
): void => {
  const query = queryOf(options);
  const key = seam.keys.take(query);
  const internals = inside(server);
  const standIn = standInHandle({
    name: nameOf(query),
    referenced: internals._unref !== true,
    onClose: () => key.release(),
  });
  internals._handle = standIn;
  const request = {
    ...query,
    key: key.text,
    flags: options.flags ?? 0,
    data: internals._getServerData?.() ?? null,
  };
  const behind = seam.behind !== null && isForBehind(server, query) ? seam.behind : null;
  const arrived = (bound: Bound, where: Where | null): void => {
    // The app closed the server before its socket came.
    if (standIn.closed) return bound.handle?.close();
    standIn.release();
    internals._handle = null;
    if (bound.handle === null) {
      key.release();
      return done(bound.errno, null);
    }
    const handle = bound.handle as ServerHandle;
    // Workers share TLS session tickets: whatever the first one on this address brought.
    if (bound.data !== null && bound.data !== undefined) internals._setServerData?.(bound.data);
    if (standIn.mode !== 0) handle.fchmod?.(standIn.mode);
    adopted.add(handle);
    const slot = where !== null ? null : bound.mode === 'shared' ? 0 : seam.slot;
    adoptHandle({ ...seam, server, handle, key, slot, where });
    done(0, handle);
  };
  seam.channel.bind(behind === null ? request : { ...request, balanced: true }, (bound) => {
    if (behind === null || bound.handle === null || standIn.closed) return arrived(bound, null);
    behind.take(server, bound.handle as ServerHandle, (taken) => {
      if (taken.handle === null) return arrived(taken, null);
      arrived({ errno: 0, handle: taken.handle, data: null, mode: bound.mode }, taken.where);
    });
  });
};

const adopt = (
  seam: Seam,
  server: net.Server,
  handle: ServerHandle,
  query: ListenQuery,
): ReturnType<typeof adoptHandle> => {
  adopted.add(handle);
  return adoptHandle({ ...seam, server, handle, key: seam.keys.take(query), slot: null, where: null });
};

/** The same file for every worker, wherever it has changed directory to. */
const queryOf = ({ address, port, addressType, fd }: GetServerOptions): ListenQuery => ({
  address:
    address !== null && port === -1 && process.platform !== 'win32' && !address.startsWith('\0')
      ? resolve(address)
      : address,
  port,
  addressType,
  fd: fd ?? null,
});

/** What `server.address()` says until the socket has come. The port of `listen(0)` is not known yet. */
const nameOf = ({ address, port, addressType }: ListenQuery): SocketName | null => {
  if (port === null || port < 0) return null;
  const ipv4 = address !== null && addressType === 4;
  return { address: address ?? '::', family: ipv4 ? 'IPv4' : 'IPv6', port };
};
