/**
 * The app's own `server.close()`. In plain Node it destroys idle keep-alive connections at once,
 * and with them a request that has reached this machine but not this process. Here it follows the
 * rules of a drain, with the drain's limit as its bound; `closeIdleConnections()` and
 * `closeAllConnections()` remain what they are when the app calls them.
 */
import type net from 'node:net';
import type { Connections } from './connections.ts';
import type { Retirement } from './retirement.ts';

interface ClosableServer {
  close(...args: unknown[]): unknown;
  closeIdleConnections?: () => void;
}

const patched = new WeakSet<object>();

/** Changes `close` of the class that brought it: http.Server, https.Server or one of http2's. */
export const softenClose = (
  server: net.Server,
  {
    retirement,
    connections,
    limitMs,
  }: { retirement: Retirement; connections: Connections; limitMs: () => number },
): void => {
  const prototype = closingPrototype(server);
  if (prototype === null || patched.has(prototype)) return;
  patched.add(prototype);
  const close = prototype.close;
  prototype.close = function (this: ClosableServer & net.Server, ...args) {
    if (!connections.servers().includes(this) || retirement.has(this))
      return withoutIdleClose(this, close, args);
    retirement.retire(this);
    const limit = setTimeout(() => endAll(this, connections), limitMs());
    limit.unref();
    this.once('close', () => clearTimeout(limit));
    return withoutIdleClose(this, close, args);
  };
};

/** The class of Node itself, below any subclass of the app's. */
const closingPrototype = (server: net.Server): ClosableServer | null => {
  let found: ClosableServer | null = null;
  for (let object: object | null = server; object !== null; object = Object.getPrototypeOf(object)) {
    const marks = ['closeIdleConnections', 'updateSettings'].some((name) => Object.hasOwn(object, name));
    if (marks && Object.hasOwn(object, 'close')) found = object as ClosableServer;
  }
  return found;
};

const withoutIdleClose = (
  server: ClosableServer,
  close: ClosableServer['close'],
  args: unknown[],
): unknown => {
  if (server.closeIdleConnections === undefined) return close.apply(server, args);
  const own = Object.getOwnPropertyDescriptor(server, 'closeIdleConnections');
  server.closeIdleConnections = () => {};
  try {
    return close.apply(server, args);
  } finally {
    if (own === undefined) delete server.closeIdleConnections;
    else Object.defineProperty(server, 'closeIdleConnections', own);
  }
};

const endAll = (server: net.Server, connections: Connections): void => {
  for (const { socket, inFlight } of connections.of(server)) {
    if (inFlight === 0) socket.end();
    else socket.destroy();
  }
};
