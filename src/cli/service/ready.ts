/** Tells systemd when a service is up, and until then that it is worth waiting for. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.ts';
import type { AppView } from '../../protocol/control.ts';
import type { Notifier } from './notify.ts';
import { statusOf } from './status.ts';

export interface ReadyOptions {
  readonly client: Pick<ControlClient, 'apps'>;
  readonly notifier: Notifier;
  readonly signal: AbortSignal;
  readonly isReady: (apps: readonly AppView[]) => boolean;
}

const LOOK_EVERY_MS = 250;
/** systemd waits this much longer than it was told in the unit, as long as we say so. */
const LONGER_MS = 60_000;

/** Resolves when it is so, and told where somebody listens, or when `signal` is aborted. */
export const tellReady = async ({ client, notifier, signal, isReady }: ReadyOptions): Promise<void> => {
  let extendAt = 0;
  while (!signal.aborted) {
    const apps = await client.apps([]).then(
      (list) => list.apps,
      () => null,
    );
    const text = apps === null ? 'the supervisor does not answer' : statusOf(apps).text;
    if (apps !== null && isReady(apps)) return await notifier.tell('READY=1', `STATUS=${text}`);
    if (apps !== null && performance.now() >= extendAt) {
      extendAt = performance.now() + LONGER_MS / 4;
      await notifier.tell(`STATUS=${text}`, `EXTEND_TIMEOUT_USEC=${LONGER_MS * 1000}`);
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
};
