/** An event as one line. */
import type { EventKind, SkeinEvent } from '../../protocol/control.ts';
import { formatTime } from './format.ts';
import { reportText } from './operation-text.ts';
import type { Paint } from './style.ts';

const bad: ReadonlySet<EventKind> = new Set([
  'app-failed',
  'worker-crashed',
  'worker-hung',
  'worker-unhealthy',
  'worker-over-memory',
  'holder-gone',
  'address-in-use',
  'balancer-refused',
]);

/** `16:04:09  api.0  ready after 120 ms` */
export const eventText = (event: SkeinEvent, now: number, paint: Paint): string => {
  const who = event.app === null ? 'skein' : event.slot === null ? event.app : `${event.app}.${event.slot}`;
  const text = bad.has(event.kind) ? paint('red', event.text) : event.text;
  const report = event.report === null ? '' : paint('gray', ` (${reportText(event.report)})`);
  return `${paint('gray', formatTime(event.at, now))}  ${paint('bold', who)}  ${text}${report}`;
};
