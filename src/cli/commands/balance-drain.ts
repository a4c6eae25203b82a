/** `skein balance drain`: an upstream gets nothing new, and keeps its sessions. */
import type { ChangeUpstreamOptions } from '../change-upstream.ts';
import { appAndUpstream, changeUpstream } from '../change-upstream.ts';
import type { Run } from '../context.ts';

export const run: Run<ChangeUpstreamOptions> = async (context, words, options) =>
  await changeUpstream(context, { ...appAndUpstream('drain', words), state: 'draining' }, options);
