/** `skein events`: what has happened. */
import { readDuration } from '../../config/values.ts';
import { createControlClient } from '../../control/client.ts';
import type { Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { eventText } from '../output/event-text.ts';
import { painterFor } from '../output/style.ts';

export interface EventsOptions {
  readonly follow?: boolean;
  readonly since?: string;
  readonly json?: boolean;
}

export const run: Run<EventsOptions> = async (context, _args, options) => {
  const since = options.since === undefined ? undefined : Date.now() - readDuration('--since', options.since);
  const paint = painterFor(context.stdout);
  for await (const event of createControlClient(context.home).events({
    since,
    follow: options.follow === true,
  })) {
    if (options.json === true) printJson(context.stdout, event);
    else print(context.stdout, eventText(event, Date.now(), paint));
  }
  return 0;
};
