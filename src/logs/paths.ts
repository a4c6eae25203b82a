/** Where the output of an app's workers goes, as files. Pure. */
import { format, join, parse } from 'node:path';
import type { LogSettings } from '../protocol/app-spec.ts';

export type Stream = 'out' | 'err';

export interface LogPaths {
  readonly out: string;
  readonly err: string;
  /** Gets both streams beside their own file; null: there is none. */
  readonly combined: string | null;
}

/** `-<slot>` before the ending: `api.out.log` becomes `api.out-2.log`. */
const ofSlot = (path: string, slot: number | string): string => {
  const { dir, name, ext } = parse(path);
  return format({ dir, name: `${name}-${slot}`, ext });
};

/** The log file of an app and stream where its settings name none. */
export const defaultLogPath = (dir: string, app: string, stream: Stream): string =>
  join(dir, `${app.replace(/[^\w.@-]/g, '_')}.${stream}.log`);

/** @param slot Its number, or what stands for it where a person reads the path. */
export const logPaths = (
  dir: string,
  app: string,
  { out, err, combined, perWorker }: Pick<LogSettings, 'out' | 'err' | 'combined' | 'perWorker'>,
  slot: number | string,
): LogPaths => {
  const path = (chosen: string): string => (perWorker ? ofSlot(chosen, slot) : chosen);
  return {
    out: path(out ?? defaultLogPath(dir, app, 'out')),
    err: path(err ?? defaultLogPath(dir, app, 'err')),
    combined: combined === null ? null : path(combined),
  };
};
