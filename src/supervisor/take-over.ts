/** What a new supervisor finds: the saved apps, and the workers and sockets that the holder kept. */
import type { ChildInfo } from '../protocol/holder.ts';
import { App } from './app.ts';
import type { Welcome } from './holder-client.ts';
import type { State } from './store.ts';
import type { Surroundings } from './surroundings.ts';

const KILL_AFTER_MS = 10_000;

/** A worker of an app that nobody remembers: nobody could ever stop it any more. */
const stopUnknown = ({ tag, pid, exit }: ChildInfo, { holder, emit }: Surroundings): void => {
  if (exit !== null) return;
  emit({ kind: 'message', pid, text: `worker ${tag.slot} of ${tag.app}, which is not known, is stopped` });
  holder.send({ verb: 'signal', id: tag.id, signal: 'SIGTERM', group: true });
  const kill = (): void => holder.send({ verb: 'signal', id: tag.id, signal: 'SIGKILL', group: true });
  setTimeout(kill, KILL_AFTER_MS).unref();
};

/** The apps come paused: nothing is decided before their workers have been heard. */
export const takeOver = (
  state: State,
  welcome: Welcome,
  around: Surroundings,
  apps: Map<string, App>,
): void => {
  for (const record of state.apps) {
    const app = new App(record, around);
    app.pause();
    apps.set(record.name, app);
  }
  for (const listener of welcome.listeners) {
    const app = apps.get(listener.app);
    if (app !== undefined) app.sockets.bound(listener);
    else around.holder.send({ verb: 'unbind', app: listener.app, key: listener.key });
  }
  for (const child of welcome.children) {
    const app = apps.get(child.tag.app);
    if (app === undefined) {
      stopUnknown(child, around);
      continue;
    }
    const { current, previous, underWay } = app.record;
    const back = underWay?.change.kind === 'rollout' ? underWay.change.back.current : null;
    const generation =
      [current, previous, back].find((known) => known?.number === child.tag.generation) ?? current;
    app.adopt(child, generation.spec);
  }
};
