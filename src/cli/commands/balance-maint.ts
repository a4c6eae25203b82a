/** `skein balance maint`: an upstream gets nothing, not even its sessions. */
import type { ChangeUpstreamOptions } from '../change-upstream.ts';
import { appAndUpstream, changeUpstream } from '../change-upstream.ts';
import type { Run } from '../context.ts';

export const run: Run<ChangeUpstreamOptions> = async (context, words, options) =>
  await changeUpstream(context, { ...appAndUpstream('maint', words), state: 'maintenance' }, options);
