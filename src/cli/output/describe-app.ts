/** Everything about one app, for people: settings, workers, what happened last. */
import { formatDuration } from '../../core/duration.ts';
import { formatSize } from '../../core/size.ts';
import type { ReadyCheck } from '../../protocol/app-spec.ts';
import type { AppDetails } from '../../protocol/control.ts';
import type { Output } from '../context.ts';
import { renderApps } from './app-table.ts';
import { eventText } from './event-text.ts';
import { checksText } from './health-text.ts';
import { painterFor } from './style.ts';

const SHOWN_EVENTS = 10;

const readyText = (ready: ReadyCheck): string => {
  switch (ready.kind) {
    case 'listening':
      return 'listening';
    case 'message':
      return "process.send('ready')";
    case 'http':
      return `GET ${ready.path}`;
    case 'auto':
      return `listening, or running for ${formatDuration(ready.afterMs)}`;
    case 'started':
      return 'started';
  }
};

const restartText = ({ restart }: AppDetails['spec']): string => {
  if (!restart.auto) return 'never';
  const codes =
    restart.stopExitCodes.length === 0 ? '' : `, not after exit code ${restart.stopExitCodes.join(', ')}`;
  const delay = restart.delayMs === 0 ? '' : `, after ${formatDuration(restart.delayMs)} at least`;
  return `${restart.maxRestarts === null ? 'always' : `up to ${restart.maxRestarts} times`}${delay}${codes}`;
};

/** Both hooks; null when there is none. */
const hooksText = ({ hooks: { before, after } }: AppDetails['spec']): string | null =>
  [...(before === null ? [] : [`before: ${before}`]), ...(after === null ? [] : [`after: ${after}`])].join(
    '\n',
  ) || null;

const cronText = ({ cron }: AppDetails['spec']): string | null =>
  cron === null ? null : `${cron.expression}${cron.timeZone === null ? '' : ` (${cron.timeZone})`}`;

type Fact = readonly [name: string, value: string | null];

const factsOf = (app: AppDetails): readonly Fact[] => {
  const { spec } = app;
  return [
    ['state', app.reason === null ? app.state : `${app.state}: ${app.reason}`],
    ['namespace', app.namespace],
    ['config file', spec.source],
    ['address', app.addresses.join(' ') || null],
    ['script', spec.script],
    ['arguments', spec.args.join(' ') || null],
    ['runs with', [spec.interpreter ?? '', ...spec.nodeArgs].join(' ') || null],
    ['directory', spec.cwd],
    ['workers', `${app.instances}, ${spec.accept} accept`],
    [
      'generation',
      app.previousGeneration === null
        ? `${app.generation}`
        : `${app.generation}, before it ${app.previousGeneration}`,
    ],
    ['ready', `${readyText(spec.ready)}, within ${formatDuration(spec.readyTimeoutMs)}`],
    [
      'stop',
      `drain ${formatDuration(spec.drainTimeoutMs)}, ${spec.stopSignal}, SIGKILL after ${formatDuration(spec.killTimeoutMs)}`,
    ],
    ['health', checksText(app.workers)],
    ['restart', restartText(spec)],
    ['memory limit', spec.maxMemoryBytes === null ? null : formatSize(spec.maxMemoryBytes)],
    ['hang limit', spec.hangTimeoutMs === null ? null : formatDuration(spec.hangTimeoutMs)],
    ['needs', spec.dependsOn.map(({ app: name, condition }) => `${name} (${condition})`).join(', ') || null],
    ['rollout', hooksText(spec)],
    ['watches', spec.watch?.paths.join('\n') ?? null],
    ['reloads at', cronText(spec)],
    ['user', spec.runAs?.user ?? null],
    ['logs', `${app.logs.out}\n${app.logs.err}`],
    ['environment', `${spec.envNames.length} variables (names with --json)`],
  ];
};

const render = ([name, value]: Fact): string[] =>
  value === null
    ? []
    : value.split('\n').map((line, index) => `  ${(index === 0 ? name : '').padEnd(12)}  ${line}`);

export const describeApp = (app: AppDetails, output: Output): string => {
  const paint = painterFor(output);
  const ends = app.workers.flatMap(({ slot, lastExit }) =>
    lastExit === null ? [] : [`  .${slot} before: ${lastExit}`],
  );
  const now = Date.now();
  return [
    paint('bold', app.name),
    ...factsOf(app).flatMap(render),
    '',
    renderApps([{ ...app, reason: null }], output),
    ...ends,
    ...(app.events.length === 0 ? [] : ['', paint('bold', 'last events')]),
    ...app.events.slice(-SHOWN_EVENTS).map((event) => `  ${eventText(event, now, paint)}`),
  ].join('\n');
};
