/** The messages of this process, over the state that its configuration chose. */
import { appLink } from '../../protocol/app-link.ts';
import { thisMember } from '../member.ts';
import { processWide } from '../process-wide.ts';
import { onShutdown } from '../shutdown.ts';
import { worker } from '../worker.ts';
import type { Messages } from './api.ts';
import type { OwnMessages } from './messages.ts';
import { createMessages } from './messages.ts';
import { identity, mayLive, phaseOf } from './self.ts';

const start = (): OwnMessages => {
  const own = identity();
  const link = appLink();
  const { state } = thisMember();
  const messages = createMessages({
    state: state.namespace('messages'),
    identity: own,
    phase: phaseOf(link?.phase()),
    count: () => worker.count,
    mayLive: (member) => mayLive(own, member),
    now: () => performance.now(),
  });
  link?.onPhase((phase) => messages.setPhase(phaseOf(phase)));
  // In one process alone there is nobody to take leave of, and its signals stay as they are.
  if (state.engine !== 'memory') onShutdown(() => messages.leave());
  return messages;
};

/** Made when it is first needed: an app without messages pays nothing. */
const messages = (): OwnMessages => processWide('messages', start);

type Any = (...args: never[]) => never;

/** Calls what the messages of this process have by this name. */
const forward =
  <K extends keyof Messages>(name: K): Messages[K] =>
  (...args: never[]) =>
    (messages()[name] as Any)(...args);

export const broadcast: Messages['broadcast'] = forward('broadcast');
export const send: Messages['send'] = forward('send');
export const request: Messages['request'] = forward('request');
export const on: Messages['on'] = forward('on');
export const answer: Messages['answer'] = forward('answer');
export const onMessageError: Messages['onMessageError'] = forward('onMessageError');
