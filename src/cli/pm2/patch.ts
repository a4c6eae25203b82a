/** Flags of `restart` and `reload`, for apps that are known already. */
import { inheritedEnv } from '../../config/environment.ts';
import { patchFrom } from '../../config/patch.ts';
import { readPm2App } from '../../config/pm2/app.ts';
import { noteText } from '../../config/pm2/file.ts';
import { pm2Keys } from '../../config/pm2/keys.ts';
import { readApp } from '../../config/written.ts';
import type { SpecPatch } from '../../protocol/control.ts';
import { settingsContext } from '../settings-context.ts';
import type { Session } from './session.ts';

const SHOWN = 'the command';
const script = 'app';

/** What the flags change, and nothing of what holds for an app that is new. */
export const specPatchOf = (session: Session): SpecPatch | undefined => {
  const { context, words, voice } = session;
  const { keys, appArgs, options } = words;
  const reading = { file: SHOWN, profile: undefined, isFile: () => false };
  const given = readPm2App({ script, ...keys, ...(appArgs && { args: appArgs }) }, [], pm2Keys, reading);
  for (const note of given.notes) voice.warn(noteText(SHOWN, note));
  const usual: Readonly<Record<string, unknown>> = { ...readPm2App({ script }, [], pm2Keys, reading).app };
  const changed = Object.fromEntries(
    Object.entries(given.app).filter(
      ([key, value]) =>
        !['name', 'instances', 'ready'].includes(key) && JSON.stringify(value) !== JSON.stringify(usual[key]),
    ),
  );
  const { draft, problems } = readApp(
    {
      value: { ...changed, ...(given.app.ready === 'message' && { ready: 'message' }), script },
      place: (path) => ({ file: SHOWN, line: undefined, key: path.join('.') }),
    },
    settingsContext(context),
  );
  const [problem] = problems;
  if (problem !== undefined) throw problem;
  const patch: SpecPatch = {
    ...patchFrom(draft, 'the app'),
    ...(options.updateEnv !== undefined && { shellEnv: inheritedEnv(context.env) }),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
};
