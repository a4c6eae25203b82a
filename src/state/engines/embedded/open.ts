/** From an address to the engine over it. */
import { SkeinError } from '../../../core/errors.ts';
import { appLink } from '../../../protocol/app-link.ts';
import type { Engine } from '../../engine.ts';
import type { EmbeddedAddress } from '../../state-url.ts';
import { dialState } from './dial.ts';
import { createEmbeddedEngine } from './engine.ts';

/** Connects when it is first used. Throws E_STATE_ENGINE where it cannot know which server is meant. */
export const openEmbedded = (
  { path, store }: EmbeddedAddress,
  timeoutMs: number,
  maxBytes: number | undefined,
): Engine => {
  const link = appLink();
  if (path === undefined && link === undefined)
    throw new SkeinError('E_STATE_ENGINE', {
      what: 'This process',
      reason: 'it was not started by Skein, and embedded: does not say where the state server is',
      hint: 'Start it with `skein start`, which sets SKEIN_STATE also for threads and child processes, or use memory: outside of Skein.',
    });
  return createEmbeddedEngine({
    dial: dialState(path),
    server: path ?? '',
    store: store ?? link?.app ?? (process.env['SKEIN_APP'] || 'app'),
    timeoutMs,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
};
