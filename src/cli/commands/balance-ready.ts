/** `skein balance ready`: an upstream serves again. */
import type { ChangeUpstreamOptions } from '../change-upstream.ts';
import { appAndUpstream, changeUpstream } from '../change-upstream.ts';
import type { Run } from '../context.ts';

export const run: Run<ChangeUpstreamOptions> = async (context, words, options) =>
  await changeUpstream(context, { ...appAndUpstream('ready', words), state: 'up' }, options);
