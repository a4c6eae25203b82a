/** PM2's nine keys about logs as Skein's one. */
import type { Written } from './fields.ts';
import * as values from './values.ts';
import type { Place } from './values.ts';
import type { WrittenApp, WrittenLogs } from './written.ts';

/** What PM2's `time: true` puts before a line. */
const TIME = 'YYYY-MM-DDTHH:mm:ss';

const NOWHERE = '/dev/null';

/** A path; false, `NULL` and the null device: none. */
const asLogFile = (value: unknown, at: Place): string | null =>
  value === false || value === 'NULL' || value === NOWHERE ? null : values.asText(value, at);

const isSeveral = (instances: WrittenApp['instances']): boolean => instances !== undefined && instances !== 1;

/**
 * PM2 gives each of several instances a file of its own unless told to merge. That holds here for
 * files that are named; Skein's own are one for each app.
 */
const perWorkerOf = (
  written: Written,
  hasFiles: boolean,
  instances: WrittenApp['instances'],
): Pick<WrittenLogs, 'perWorker'> => {
  const merge = written.read('merge_logs', values.asFlag);
  if (!isSeveral(instances) || (merge === undefined && !hasFiles)) return {};
  return { perWorker: merge !== true };
};

export const logsOf = (written: Written, instances: WrittenApp['instances']): WrittenLogs => {
  const out = written.read('out_file', asLogFile);
  const err = written.read('error_file', asLogFile);
  const combined = written.find('log_file')?.value === true ? undefined : written.read('log_file', asLogFile);
  const format = written.read('log_date_format', values.asText);
  const timestamp = format ?? (written.isOn('time') ? TIME : undefined);
  const type = written.find('log_type');
  const json = type !== undefined && type.value === 'json';
  if (type !== undefined && !json && type.value !== 'raw' && values.isOn(type.value))
    values.refuse(type.value, type.at, "'json'", "'json'");
  const hasFiles = typeof out === 'string' || typeof err === 'string';
  const off = written.isOn('disable_logs') || (out === null && err === null);
  return {
    ...(off && { enabled: false }),
    ...(!off && out !== undefined && { out: out ?? NOWHERE }),
    ...(!off && err !== undefined && { err: err ?? NOWHERE }),
    ...(typeof combined === 'string' && { combined }),
    ...perWorkerOf(written, hasFiles, instances),
    ...(timestamp !== undefined && { timestamp }),
    ...(json && { format: 'json' as const }),
  };
};
