/** How an operation that has ended reads. */
import { formatDuration } from '../../core/duration.ts';
import type { Operation, Report } from '../../protocol/control.ts';
import { formatCount } from './format.ts';

const past: Readonly<Record<Operation['verb'], string>> = {
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
  reload: 'reloaded',
  rollback: 'rolled back',
  scale: 'scaled',
  delete: 'deleted',
  adjust: 'adjusted',
  kill: 'stopped',
};

/** `answered 12,345 · refused 0 · reset 0 · truncated 0 · full capacity in 1.2 s` */
export const reportText = (report: Report): string =>
  [
    `answered ${formatCount(report.answered)}`,
    `refused ${formatCount(report.refused)}`,
    `reset ${formatCount(report.reset)}`,
    `truncated ${formatCount(report.truncated)}`,
    ...(report.fullCapacityMs === null ? [] : [`full capacity in ${formatDuration(report.fullCapacityMs)}`]),
  ].join(' · ');

/** Before its first start an app can neither have answered nor lost anything. */
const isEmpty = ({ answered, refused, reset, truncated }: Report): boolean =>
  answered + refused + reset + truncated === 0;

/** `api reloaded in 2.3 s`, and Skein's accounting below it. */
export const doneText = ({ app, verb, startedAt, endedAt, report }: Operation): string => {
  const duration = endedAt === null ? '' : ` in ${formatDuration(endedAt - startedAt)}`;
  const accounting =
    report === null || (verb === 'start' && isEmpty(report)) ? [] : [`  ${reportText(report)}`];
  return [`${app} ${past[verb]}${duration}`, ...accounting].join('\n');
};
