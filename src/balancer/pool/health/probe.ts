/** One health check of one upstream. */
import type { ActiveHealth, PoolSettings, UpstreamAddress } from '../../../protocol/balance.ts';
import { openForCheck } from './open-for-check.ts';
import { askHttp } from './ask-http.ts';

/** What is wrong, for a log; undefined: it passed. Never rejects. */
export const probe = async (
  address: UpstreamAddress,
  health: ActiveHealth,
  proxyProtocol: PoolSettings['proxyProtocol'],
  stopped: AbortSignal,
): Promise<string | undefined> => {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(health.timeoutMs)]);
  try {
    const socket = await openForCheck(address, proxyProtocol, signal);
    try {
      return health.kind === 'tcp' ? undefined : await askHttp(socket, address, health, signal);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    if (signal.aborted && !stopped.aborted) return `no answer within ${health.timeoutMs} ms`;
    return error instanceof Error ? error.message : String(error);
  }
};
