/** What a new supervisor finds: the saved apps, and the workers and sockets that the holder kept. */
import { App } from './app.ts';
import type { Welcome } from './holder-client.ts';
import type { State } from './store.ts';
import type { Surroundings } from './surroundings.ts';

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
  for (const listener of welcome.listeners) apps.get(listener.app)?.sockets.bound(listener);
  for (const child of welcome.children) {
    const app = apps.get(child.tag.app);
    if (app === undefined) continue;
    const { current, previous, underWay } = app.record;
    const back = underWay?.change.kind === 'rollout' ? underWay.change.back.current : null;
    const generation =
      [current, previous, back].find((known) => known?.number === child.tag.generation) ?? current;
    app.adopt(child, generation.spec);
  }
};
