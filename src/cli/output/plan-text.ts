/** How a plan reads: a line for each app that changes, and how many stay as they are. */
import type { Applied, ChangedSetting, PlannedChange } from '../../protocol/control.ts';
import type { Paint } from './style.ts';

const signs: Readonly<Record<PlannedChange['action'], string>> = {
  start: '+',
  add: '+',
  reload: '~',
  restart: '~',
  scale: '~',
  adjust: '~',
  stop: '-',
  none: '=',
};

/** `instances 2 → 4`; of variables only the name. */
const changedText = ({ setting, from, to }: ChangedSetting): string =>
  from === null && to === null ? setting : `${setting} ${from ?? 'none'} → ${to ?? 'none'}`;

const lineOf = ({ app, action, changed }: PlannedChange, paint: Paint): string => {
  const sign = signs[action];
  const colour = sign === '+' ? 'green' : sign === '-' ? 'red' : 'yellow';
  const why = changed.length === 0 ? '' : `: ${changed.map(changedText).join(', ')}`;
  return `${paint(colour, sign)} ${app} ${action}${why}`;
};

export const planText = ({ plan, leftAlone }: Omit<Applied, 'operations'>, paint: Paint): string => {
  const changes = plan.filter(({ action }) => action !== 'none');
  const unchanged = plan.length - changes.length;
  return [
    ...changes.map((change) => lineOf(change, paint)),
    ...(unchanged === 0 ? [] : [`${paint('gray', '=')} ${unchanged} unchanged`]),
    ...(leftAlone.length === 0 ? [] : [`  left alone: ${leftAlone.join(', ')}`]),
    ...(plan.length === 0 && leftAlone.length === 0 ? ['There is nothing to do.'] : []),
  ].join('\n');
};
