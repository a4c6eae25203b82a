/** wrk, the closed-loop load generator: as many requests as the connections can carry. */
import { expectCommand } from './command.ts';

export interface WrkResult {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Milliseconds; of a closed loop, so a stall counts once for each connection. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly errors: WrkErrors;
}

/** `read` is a connection that the server closed or reset where a response was due. */
export interface WrkErrors {
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly timeout: number;
  readonly status: number;
}

export interface WrkOptions {
  readonly port: number;
  readonly seconds: number;
  readonly connections: number;
  /** One connection per request. */
  readonly close: boolean;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** As `wrk --latency` prints it: `     99%    4.56ms`. */
const percentile = (output: string, percent: number): number | null => {
  const [, value, unit = ''] =
    new RegExp(`^\\s+${percent}%\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output) ?? [];
  return value === undefined ? null : Number(value) * (UNITS[unit] ?? Number.NaN);
};

const number = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

export const parseWrk = (output: string): WrkResult => {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1];
  if (rate === undefined) throw new Error(`wrk said nothing about requests per second:\n${output}`);
  return {
    requestsPerSecond: Number(rate),
    requests: number(output, /(\d+) requests in/),
    p50Ms: percentile(output, 50),
    p99Ms: percentile(output, 99),
    errors: {
      connect: number(output, /Socket errors:.*connect (\d+)/),
      read: number(output, /Socket errors:.*read (\d+)/),
      write: number(output, /Socket errors:.*write (\d+)/),
      timeout: number(output, /Socket errors:.*timeout (\d+)/),
      status: number(output, /Non-2xx or 3xx responses: (\d+)/),
    },
  };
};

export const countErrors = (errors: WrkErrors): number =>
  errors.connect + errors.read + errors.write + errors.timeout + errors.status;

export const wrk = async (options: WrkOptions): Promise<WrkResult> => {
  const { port, seconds, connections, close } = options;
  const args = [`-t2`, `-c${connections}`, `-d${seconds}s`, '--timeout', '5s', '--latency'];
  if (close) args.push('-H', 'Connection: close');
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' };
  const result = await expectCommand('wrk', [...args, `http://127.0.0.1:${port}/`], {
    env,
    timeoutMs: seconds * 1000 + 15_000,
  });
  return parseWrk(result.stdout);
};
