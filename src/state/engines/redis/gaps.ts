/** When subscriptions stop working, and when they do again. Every client subscribes anew by itself. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Linked } from './link.ts';
import { reconnectMs } from './link.ts';

export type Gap = 'away' | 'missed';

/** Of a client with one connection, which says `ready` when it has subscribed again. */
export const tellGaps = (client: Linked, lost: string, tell: (gap: Gap) => void): void => {
  let phase: 'new' | 'ready' | 'away' = 'new';
  client.on(lost, () => {
    if (phase !== 'ready') return;
    phase = 'away';
    tell('away');
  });
  client.on('ready', () => {
    // After an interruption that was not told, too.
    if (phase !== 'new') tell('missed');
    phase = 'ready';
  });
};

export interface Probed extends Linked {
  readonly isOpen: boolean;
  subscribe(channel: string, hear: () => void): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
}

interface Probe {
  readonly client: Probed;
  /** Events of the client. */
  readonly signs: readonly string[];
  /** Whether there is any subscription. */
  readonly wanted: () => boolean;
  readonly tell: (gap: Gap) => void;
}

const PROBE = 'skein-probe';

const works = async (client: Probed): Promise<boolean> => {
  try {
    await client.subscribe(PROBE, () => {});
    await client.unsubscribe(PROBE);
    return true;
  } catch {
    return false;
  }
};

/**
 * Of a client with many connections that does not say which of them carries the subscriptions: at any
 * sign of trouble one more subscription is tried until it works, and with it the others do.
 */
export const probeGaps = ({ client, signs, wanted, tell }: Probe): void => {
  let signCount = 0;
  let probing = false;
  const probe = async (): Promise<void> => {
    tell('away');
    for (let attempt = 0; client.isOpen; attempt += 1) {
      const before = signCount;
      if ((await works(client)) && before === signCount) return tell('missed');
      await delay(reconnectMs(attempt), undefined, { ref: false });
    }
  };
  for (const sign of signs)
    client.on(sign, () => {
      signCount += 1;
      if (probing || !wanted()) return;
      probing = true;
      void probe().finally(() => (probing = false));
    });
};
