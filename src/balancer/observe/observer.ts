/**
 * What is kept of each request that has ended: a line in the access log, and counts, which the supervisor is told.
 * Nothing here may fail a request: it is called when the request is over, and throws nothing.
 */
import type { Writable } from 'node:stream';
import type { AccessLog, FromBalancer } from '../../protocol/balance.ts';
import type { Observer, Outcome } from '../contract.ts';
import type { Gauges } from './counters.ts';
import { Counters } from './counters.ts';
import { LineWriter } from './line-writer.ts';
import type { LogLine } from './log-lines.ts';
import { combinedLine, droppedLine, jsonLine } from './log-lines.ts';
import { QueueNotices } from './notices.ts';

const REPORT_MS = 1000;

export interface ObserverOptions {
  /** Asked once a second. */
  readonly gauges: () => Omit<Gauges, 'linesDropped'>;
  /** Undefined: nobody is told. */
  readonly say: ((said: FromBalancer) => void) | undefined;
  /** Standard output by default; asked for when there is a line. */
  readonly stream?: () => Writable;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface BalancerObserver extends Observer {
  /** From now on; at first nothing is logged. The next report is said even if nothing has changed. */
  logAs(format: AccessLog['format']): void;
  /** Says what there is to say; what `say` is called with once a second when something has changed. */
  report(): void;
  /** The last report, and the last lines; resolves when they are out, or nobody takes them. */
  close(): Promise<void>;
}

const lines: Readonly<Record<Exclude<AccessLog['format'], 'off'>, LogLine>> = {
  combined: combinedLine,
  json: jsonLine,
};

export const createObserver = ({
  gauges,
  say,
  stream = () => process.stdout,
  now = Date.now,
}: ObserverOptions): BalancerObserver => {
  const counters = new Counters();
  let format: AccessLog['format'] = 'off';
  let line: LogLine | undefined;
  const writer = new LineWriter({
    stream,
    droppedLine: (dropped) => droppedLine(format === 'json' ? 'json' : 'combined', dropped, now()),
  });
  let said = '';
  const queue = say === undefined ? undefined : new QueueNotices(say, now);

  const report = (): void => {
    if (say === undefined) return;
    queue?.look(counters.ends('R', 'Q'), counters.ends('s', 'Q'));
    const newest = counters.report({ ...gauges(), linesDropped: writer.dropped });
    const text = JSON.stringify(newest);
    if (text === said) return;
    said = text;
    say({ say: 'report', report: newest });
  };
  const timer = say === undefined ? undefined : setInterval(report, REPORT_MS).unref();

  return {
    ended(outcome: Outcome): void {
      counters.count(outcome);
      if (line !== undefined) writer.add(line(outcome, now()));
    },
    logAs(next): void {
      format = next;
      // Whoever sent the new settings may be a supervisor that has heard nothing yet.
      said = '';
      line = next === 'off' ? undefined : lines[next];
    },
    report,
    close(): Promise<void> {
      clearInterval(timer);
      report();
      return writer.close();
    },
  };
};
