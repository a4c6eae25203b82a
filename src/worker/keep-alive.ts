/**
 * Load balancers keep idle connections for 60 s, Node for 5 s: a request that the balancer sends
 * in the moment in which Node closes is lost. So a server that has Node's default gets 75 s. One
 * that the app has set to another value keeps it, also when it is set later.
 */
const NODE_DEFAULT_MS = 5_000;
const DEFAULT_MS = 75_000;

export const raiseKeepAlive = (server: object): void => {
  if (!('keepAliveTimeout' in server)) return;
  if (server.keepAliveTimeout === NODE_DEFAULT_MS) server.keepAliveTimeout = DEFAULT_MS;
};
