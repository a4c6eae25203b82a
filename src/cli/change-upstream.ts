/** What `skein balance drain`, `maint`, `ready` and `weight` have in common. */
import { createControlClient } from '../control/client.ts';
import { SkeinError } from '../core/errors.ts';
import type { UpstreamChanged, UpstreamRequest } from '../protocol/balancer-view.ts';
import type { Context } from './context.ts';
import { print, printJson } from './context.ts';

export interface ChangeUpstreamOptions {
  readonly json?: boolean;
}

const stateText: Readonly<Record<UpstreamChanged['state'], string>> = {
  up: 'serves',
  draining: 'gets nothing new; its sessions and what is open stay',
  maintenance: 'gets nothing; what is open goes on',
};

/** @throws SkeinError E_USAGE when there are not just the two words. */
export const appAndUpstream = (
  verb: string,
  words: readonly string[],
): Pick<UpstreamRequest, 'app' | 'upstream'> => {
  const [app, upstream, ...more] = words;
  if (app === undefined || upstream === undefined || more.length > 0)
    throw new SkeinError('E_USAGE', {
      reason: `${verb} needs an app or a balancer, and one upstream of it: a slot such as 0, or an address.`,
      command: `skein balance ${verb}`,
    });
  return { app, upstream };
};

export const changeUpstream = async (
  { home, stdout }: Context,
  request: UpstreamRequest,
  { json }: ChangeUpstreamOptions,
): Promise<number> => {
  const changed = await createControlClient(home).changeUpstream(request);
  if (json === true) printJson(stdout, changed);
  else {
    const weight = changed.weight === null ? '' : `, weight ${changed.weight}`;
    print(stdout, `${changed.place} ${stateText[changed.state]}${weight}`);
  }
  return 0;
};
