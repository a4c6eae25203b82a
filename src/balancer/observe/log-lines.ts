/**
 * One line of the access log for each request; every field is explained in docs/balancer-logs.md. What is written for
 * nearly every request of a busy machine is built by hand: three times as fast as JSON.stringify of an object.
 */
import type { Outcome } from '../contract.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';
import { MOST_TARGET, fit, fitJson, withoutSecrets } from './log-text.ts';

/** `now`: milliseconds since the epoch. The line has its end. */
export type LogLine = (outcome: Outcome, now: number) => string;

/** The first value of that name. `name`: lower case. */
const headerOf = (raw: RawHeaders, name: string): string | undefined => {
  for (let at = 0; at < raw.length; at += 2) {
    const one = raw[at]!;
    if (one.length === name.length && one.toLowerCase() === name) return raw[at + 1];
  }
  return undefined;
};

const msText = (tenths: number): string => {
  const whole = Math.floor(tenths / 10);
  return `${whole}.${tenths - whole * 10}`;
};

/** Texts of the durations that most lines have, up to 0.2 s: four of them are in each. */
const SHORT: readonly string[] = Array.from({ length: 2048 }, (_, tenths) => msText(tenths));

/** With one digit behind the point; `-1` for what it did not come to. */
const ms = (value: number): string => {
  if (!(value >= 0)) return '-1';
  const tenths = Math.round(value * 10);
  return SHORT[tenths] ?? msText(tenths);
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** Both forms of one second, so that a date is made once a second and not for every line. */
let second = Number.NaN;
let common = '';
let iso = '';

const prepare = (now: number): void => {
  const of = Math.floor(now / 1000);
  if (of === second) return;
  second = of;
  const date = new Date(of * 1000);
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  common = `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
  iso = date.toISOString().slice(0, 20);
};

const three = (value: number): string => (value < 10 ? `00${value}` : value < 100 ? `0${value}` : `${value}`);

const quoted = (text: string | undefined): string =>
  text === undefined || text === '' ? '"-"' : `"${fit(text)}"`;

/** The combined format of nginx and Apache, and behind it what a balancer knows, as `name=value`. */
export const combinedLine: LogLine = (outcome, now) => {
  prepare(now);
  const { head, termination, requestId } = outcome;
  const request =
    head.method === ''
      ? '-'
      : `${fit(head.method)} ${fit(withoutSecrets(head.target), MOST_TARGET)} HTTP/${head.version}`;
  const referer = headerOf(head.raw, 'referer');
  return (
    `${fit(outcome.clientAddress ?? '-')} - - [${common}] "${request}" ${outcome.status} ${outcome.bytesOut} ` +
    `${quoted(referer === undefined ? referer : withoutSecrets(referer))} ${quoted(headerOf(head.raw, 'user-agent'))} ` +
    `host=${quoted(outcome.host)} route=${quoted(outcome.route?.text)} to=${quoted(outcome.upstream?.place)} ` +
    `queue=${ms(outcome.queueMs)} connect=${ms(outcome.connectMs)} first=${ms(outcome.firstByteMs)} ` +
    `total=${ms(outcome.totalMs)} tries=${outcome.tries} in=${outcome.bytesIn} reused=${outcome.reused ? 1 : 0} ` +
    `end=${termination.who}${termination.phase} id=${quoted(requestId)}\n`
  );
};

const json = (text: string | undefined): string => (text === undefined ? 'null' : fitJson(text));

/** One JSON object in a line. What there is not is null, a time that it did not come to is -1. */
export const jsonLine: LogLine = (outcome, now) => {
  prepare(now);
  const { head, termination } = outcome;
  const referer = headerOf(head.raw, 'referer');
  return (
    `{"time":"${iso}${three(Math.floor(now) - second * 1000)}Z","client":${json(outcome.clientAddress)},` +
    `"method":${fitJson(head.method)},"host":${fitJson(outcome.host)},"path":${fitJson(withoutSecrets(head.target), MOST_TARGET)},` +
    `"version":"${head.version}","status":${outcome.status},"in":${outcome.bytesIn},"out":${outcome.bytesOut},` +
    `"queue_ms":${ms(outcome.queueMs)},"connect_ms":${ms(outcome.connectMs)},"first_byte_ms":${ms(outcome.firstByteMs)},` +
    `"total_ms":${ms(outcome.totalMs)},"tries":${outcome.tries},"reused":${outcome.reused},` +
    `"route":${json(outcome.route?.text)},"pool":${json(outcome.pool)},"upstream":${json(outcome.upstream?.place)},` +
    `"end":"${termination.who}${termination.phase}","request_id":${json(outcome.requestId)},` +
    `"referer":${json(referer === undefined ? referer : withoutSecrets(referer))},` +
    `"user_agent":${json(headerOf(head.raw, 'user-agent'))}}\n`
  );
};

/** Says that lines are missing here. */
export const droppedLine = (format: 'combined' | 'json', dropped: number, now: number): string => {
  prepare(now);
  return format === 'json'
    ? `{"time":"${iso}${three(Math.floor(now) - second * 1000)}Z","dropped":${dropped}}\n`
    : `- - - [${common}] "-" 0 0 "-" "-" dropped=${dropped}\n`;
};
