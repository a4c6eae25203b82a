/** skein-pm2: from PM2's words to an exit code, which is 0 or 1 as with PM2. */
import { version } from '../../core/version.ts';
import type { Context } from '../context.ts';
import { print } from '../context.ts';
import { createVoice, tellFailure } from './say.ts';
import { createSession } from './session.ts';
import { usage } from './usage.ts';
import { findVerb } from './verbs.ts';
import { readWords } from './words.ts';

/** Runs one command. Never rejects; every failure has been told when it resolves. */
export const pm2Main = async (
  argv: readonly string[],
  surroundings: Omit<Context, 'appArgs'>,
): Promise<number> => {
  const words = readWords(argv);
  const context = { ...surroundings, appArgs: 'problem' in words ? undefined : words.appArgs };
  if ('problem' in words) {
    createVoice(context, false).error(`${words.problem}. See skein-pm2 --help.`);
    return 1;
  }
  const { command, options, notes } = words;
  const voice = createVoice(context, options.silent !== undefined);
  if (options.version !== undefined && command === undefined) {
    print(context.stdout, version);
    return 0;
  }
  if (options.help !== undefined || command === undefined) {
    print(context.stdout, usage());
    return options.help === undefined ? 1 : 0;
  }
  const verb = findVerb(command);
  if (verb === undefined) {
    voice.error(`There is no command ${command}.`);
    print(context.stdout, usage());
    return 1;
  }
  if (verb.kind === 'outside') {
    voice.error(`${command} is not possible with Skein: ${verb.why}.`);
    return 1;
  }
  for (const note of notes) voice.warn(note);
  try {
    return await (
      await verb.load()
    )(createSession(context, words, voice));
  } catch (error) {
    return tellFailure(context, voice, error);
  }
};
