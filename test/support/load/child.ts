/** The load runs in a process of its own: the test that watches it cannot distort it. */
import { runLoad } from './generator.ts';
import type { LoadRun } from './generator.ts';
import type { LoadProfile, Tally } from './profile.ts';

export type ToLoad = { readonly do: 'start'; readonly profile: LoadProfile } | { readonly do: 'stop' };
export type FromLoad =
  | { readonly say: 'answered'; readonly count: number }
  | { readonly say: 'tally'; readonly tally: Tally };

const send = (message: FromLoad, sent?: () => void): void => {
  process.send?.(message, undefined, undefined, () => sent?.());
};

let run: LoadRun | null = null;

const begin = (profile: LoadProfile): void => {
  const started = runLoad(profile);
  run = started;
  setInterval(() => send({ say: 'answered', count: started.answered }), 50);
};

const end = async (): Promise<void> => {
  if (run === null) return;
  send({ say: 'tally', tally: await run.stop() }, () => process.exit(0));
};

process.on('message', (message: ToLoad) => {
  if (message.do === 'start') begin(message.profile);
  else void end();
});
process.on('disconnect', () => process.exit(0));
