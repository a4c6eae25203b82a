/**
 * PM2's verbs and flags in those of `skein`, before anything else reads them, where the two do not
 * contradict each other. Skein's own meaning of a word always wins: `--watch-delay 3` is 3 ms.
 */

/** Verbs, and words that come before their arguments. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  l: ['list'],
  ps: ['list'],
  log: ['logs'],
  desc: ['describe'],
  info: ['describe'],
  show: ['describe'],
  dump: ['save'],
  prettylist: ['jlist'],
  dashboard: ['monit'],
  dash: ['monit'],
  sendSignal: ['signal'],
  reloadLogs: ['reload-logs'],
  gracefulReload: ['reload'],
  startOrRestart: ['restart'],
  startOrReload: ['reload'],
  startOrGracefulReload: ['reload'],
  ecosystem: ['init', 'pm2'],
  update: ['upgrade'],
  updatePM2: ['upgrade'],
};

type Rewrite = (value: string) => readonly string[];

const as =
  (flag: string): Rewrite =>
  (value) => [flag, value];
const each =
  (flag: string): Rewrite =>
  (value) =>
    value.split(/[\s,]+/).flatMap((part) => (part === '' ? [] : [flag, part]));
const nothing: Rewrite = () => [];

/** Flags that take a value. */
const withValue: Readonly<Record<string, Rewrite>> = {
  '--max-memory-restart': as('--max-memory'),
  '--ignore-watch': each('--watch-ignore'),
  '--listen-timeout': as('--ready-timeout'),
  '--exp-backoff-restart-delay': nothing,
  '-c': as('--cron'),
  '--cron-restart': as('--cron'),
  '-k': as('--kill-timeout'),
  '--interpreter-args': (value) => [`--node-args=${value}`],
  '-o': as('--log-out'),
  '--output': as('--log-out'),
  '-e': as('--log-err'),
  '--error': as('--log-err'),
  '-l': as('--log-combined'),
  '--log': as('--log-combined'),
  '--log-type': as('--log-format'),
  '--log-date-format': as('--log-timestamp'),
  '-u': as('--user'),
  '--uid': as('--user'),
  '--gid': as('--group'),
};

/** Flags that take none. */
const alone: Readonly<Record<string, readonly string[]>> = {
  '-a': ['--update-env'],
  '--wait-ready': ['--ready', 'message'],
  '--shutdown-with-message': ['--stop-signal', 'message'],
  '--time': ['--log-timestamp', 'YYYY-MM-DDTHH:mm:ss'],
  '--merge-logs': [],
  '--disable-logs': ['--no-logs'],
  '--source-map-support': ['--node-args=--enable-source-maps'],
  '--disable-source-map-support': [],
  '--no-vizion': [],
  '--no-pmx': [],
  '--no-automation': [],
  '--disable-trace': [],
};

const starting = new Set(['start', 'run', 'restart', 'reload']);

const rewrite = (words: readonly string[]): string[] => {
  const out: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [name = '', ...rest] = word.startsWith('--') ? word.split('=') : [word];
    const own = alone[name];
    const valued = withValue[name];
    if (own !== undefined && rest.length === 0) out.push(...own);
    else if (valued !== undefined && (rest.length > 0 || words[at + 1] !== undefined)) {
      out.push(...valued(rest.length > 0 ? rest.join('=') : (words[at + 1] ?? '')));
      if (rest.length === 0) at += 1;
    } else out.push(word);
  }
  return out;
};

/** `start --no-daemon` stays in the foreground, as `run` does. */
const inForeground = (words: readonly string[]): readonly string[] => {
  const kept = words.filter((word) => word !== '--no-daemon' && word !== '--attach');
  return kept.length === words.length || kept[0] !== 'start' ? words : ['run', ...kept.slice(1)];
};

const translated = (words: readonly string[]): readonly string[] => {
  const [first = '', ...rest] = words;
  const whole = Object.hasOwn(verbs, first) ? [...(verbs[first] ?? []), ...rest] : words;
  const [verb = ''] = whole;
  if (verb === 'logs') return whole.filter((word) => word !== '--nostream');
  return starting.has(verb) ? rewrite(inForeground(whole)) : whole;
};

/** The command line in Skein's words; what stands behind `--` is the app's. */
export const fromPm2Words = (words: readonly string[]): readonly string[] => {
  const end = words.indexOf('--');
  return end === -1 ? translated(words) : [...translated(words.slice(0, end)), ...words.slice(end)];
};
