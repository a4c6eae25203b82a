/** From an address to an engine. Loads memjs only here. */
import { SkeinError } from '../../../core/errors.ts';
import type { Engine } from '../../engine.ts';
import type { MemcachedAddress } from '../../state-url.ts';
import type { MemcachedClient } from './engine.ts';
import { createMemcachedEngine } from './engine.ts';

interface Memjs {
  readonly Client: { create(servers: string, options: Readonly<Record<string, unknown>>): MemcachedClient };
}

const loadMemjs = async (label: string): Promise<Memjs> => {
  try {
    // @ts-expect-error It brings no types.
    return ((await import('memjs')) as { default: Memjs }).default;
  } catch (error) {
    throw new SkeinError(
      'E_STATE_ENGINE',
      {
        what: label,
        reason: 'the package memjs could not be loaded',
        hint: '`npm install memjs` in the app.',
      },
      { cause: error },
    );
  }
};

export const openMemcached = async ({ nodes }: MemcachedAddress, timeoutMs: number): Promise<Engine> => {
  const servers = nodes.map(({ host, port }) => `${host}:${port}`).join(',');
  const label = `Memcached at ${servers}`;
  const { Client } = await loadMemjs(label);
  const client = Client.create(servers, {
    timeout: timeoutMs / 1000,
    conntimeout: timeoutMs / 1000,
    retries: 1,
    keepAlive: true,
    // It would print to the app's output; errors reach the caller.
    logger: { log: () => {} },
  });
  return createMemcachedEngine({ client, label, servers: nodes.length });
};
