/** PM2's `logs`: the last lines, then the new ones, unless told not to follow. */
import type { LogLine } from '../../protocol/control.ts';
import { SkeinError } from '../../core/errors.ts';
import { readCount } from '../../config/values.ts';
import { print, printJson } from '../context.ts';
import { isNothingThere } from '../running.ts';
import type { Pm2Command, Session } from './session.ts';
import { allApps } from './session.ts';

const LINES = 15;

/** `3|idle     | text`: id and name in one column. */
const plain = async (session: Session): Promise<(line: LogLine) => string> => {
  const apps = new Map((await allApps(session)).map((app) => [app.name, app]));
  return ({ app, slot, text }) => {
    const id = apps.get(app)?.ids[slot ?? 0] ?? 0;
    return `${`${id}|${app}`.padEnd(10)} | ${text}`;
  };
};

const streamOf = ({ words: { options } }: Session): 'out' | 'err' | undefined => {
  if (options.onlyErr !== undefined && options.onlyOut === undefined) return 'err';
  return options.onlyOut !== undefined && options.onlyErr === undefined ? 'out' : undefined;
};

export const logs: Pm2Command = async (session) => {
  const { words, context, client } = session;
  const { options } = words;
  const lines = typeof options.lines === 'string' ? readCount('--lines', options.lines, 0) : LINES;
  const format = options.raw === undefined ? await plain(session) : ({ text }: LogLine) => text;
  const query = {
    targets: words.targets,
    lines,
    follow: options.nostream === undefined,
    stream: streamOf(session),
    since: undefined,
    onMissed: (missed: number) =>
      session.voice.warn(`${missed} lines came faster than they could be shown; they are in the files.`),
  };
  try {
    for await (const line of client.logs(query)) {
      if (options.json === undefined) print(context.stdout, format(line));
      else
        printJson(context.stdout, {
          timestamp: line.at,
          type: line.stream,
          app_name: line.app,
          message: line.text,
        });
    }
  } catch (error) {
    // PM2 waits for a process of that name to come; there is nothing to show.
    const isUnknown = error instanceof SkeinError && error.code === 'E_UNKNOWN_APP';
    if (!isUnknown && !isNothingThere(error)) throw error;
    session.voice.warn(`There is no process ${words.targets.join(', ') || 'at all'}.`);
  }
  return 0;
};
