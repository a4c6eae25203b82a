/** Where output goes. */
import { resolve } from 'node:path';
import type { AppConfig, LogsConfig, RotateConfig } from '../app-config.ts';
import type { ReadContext, Table, TableOf } from '../field.ts';
import { count, durationLimit, either, flag, oneOf, sizeLimit, text } from '../field-types.ts';
import type { Place } from '../place.ts';
import {
  badValue,
  readCount,
  readDurationLimit,
  readFlag,
  readOneOf,
  readSizeLimit,
  readText,
} from '../values.ts';
import { writeLimit, writeSize } from '../write-values.ts';

const readFile = (place: Place, value: unknown, { cwd }: ReadContext): string =>
  resolve(cwd, readText(place, value, 'a file', 'logs/api.log'));

const rotate: TableOf<RotateConfig> = {
  size: {
    type: sizeLimit,
    doc: 'Begin a new file when the present one has this size.',
    default: '50MiB',
    examples: ['10MiB', 'none'],
    flag: { option: '--log-size <size>', summary: 'begin a new log file at this size (50M), or none' },
    read: (value, place) => ({ logs: { rotation: { maxSizeBytes: readSizeLimit(place, value) } } }),
    get: ({ logs }) => writeSize(logs.rotation.maxSizeBytes),
  },
  every: {
    type: durationLimit,
    doc: 'Begin a new file every so often, counted from local midnight.',
    default: 'none',
    examples: ['1d', '1h'],
    flag: { option: '--log-every <time>', summary: 'begin a new log file every 1d, 1h, …' },
    read: (value, place) => ({ logs: { rotation: { everyMs: readDurationLimit(place, value) } } }),
    get: ({ logs }) => writeLimit(logs.rotation.everyMs),
  },
  keep: {
    type: count,
    doc: 'How many old files are kept of each log.',
    default: 10,
    examples: [30, 0],
    flag: { option: '--log-keep <count>', summary: 'how many old files are kept of each log (10)' },
    read: (value, place) => ({ logs: { rotation: { keep: readCount(place, value, 0) } } }),
    get: ({ logs }) => logs.rotation.keep,
  },
  totalSize: {
    type: sizeLimit,
    doc: 'How much the old files of each log may have together.',
    default: 'none',
    examples: ['1GiB'],
    flag: { option: '--log-total <size>', summary: 'how much they may have together' },
    read: (value, place) => ({ logs: { rotation: { maxTotalBytes: readSizeLimit(place, value) } } }),
    get: ({ logs }) => writeSize(logs.rotation.maxTotalBytes),
  },
  compress: {
    type: flag,
    doc: 'Whether old files are compressed (gzip).',
    default: true,
    examples: [false],
    flag: {
      option: '--log-compress',
      summary: 'compress old log files (the default)',
      negative: 'do not compress old log files',
    },
    read: (value, place) => ({ logs: { rotation: { compress: readFlag(place, value) } } }),
    get: ({ logs }) => logs.rotation.compress,
  },
};

const asTable = (table: Table): Table => table;

const logs: TableOf<LogsConfig> = {
  enabled: {
    type: flag,
    doc: '`false`: what the app prints is dropped.',
    default: true,
    examples: [false],
    read: (value, place) => ({ logs: { enabled: readFlag(place, value) } }),
    get: (spec) => spec.logs.enabled,
  },
  out: {
    type: text,
    doc: 'The file for stdout. It may be that of stderr too.',
    defaultText: '`<home>/logs/<app>.out.log`',
    examples: ['logs/api.log'],
    flag: { option: '--log-out <file>', summary: 'file for stdout' },
    read: (value, place, context) => ({ logs: { out: readFile(place, value, context) } }),
    get: (spec) => spec.logs.out,
  },
  err: {
    type: text,
    doc: 'The file for stderr.',
    defaultText: '`<home>/logs/<app>.err.log`',
    examples: ['logs/api.err.log'],
    flag: { option: '--log-err <file>', summary: 'file for stderr' },
    read: (value, place, context) => ({ logs: { err: readFile(place, value, context) } }),
    get: (spec) => spec.logs.err,
  },
  combined: {
    type: text,
    doc: 'A file that gets both beside their own.',
    defaultText: 'none',
    examples: ['logs/api.all.log'],
    flag: { option: '--log-combined <file>', summary: 'file that gets both as well' },
    read: (value, place, context) => ({ logs: { combined: readFile(place, value, context) } }),
    get: (spec) => spec.logs.combined,
  },
  perWorker: {
    type: flag,
    doc: 'A file for each worker, with the number of its slot before the ending of the name.',
    default: false,
    examples: [true],
    flag: {
      option: '--log-per-worker',
      summary: 'a log file for each worker',
      negative: 'one log file for all workers (the default)',
    },
    read: (value, place) => ({ logs: { perWorker: readFlag(place, value) } }),
    get: (spec) => spec.logs.perWorker,
  },
  format: {
    type: oneOf('plain', 'json'),
    doc: '`json`: each line becomes one JSON object.',
    default: 'plain',
    examples: ['json'],
    flag: { option: '--log-format <format>', summary: 'plain, or json: one object for each line' },
    read: (value, place) => ({ logs: { format: readOneOf(place, value, ['plain', 'json']) } }),
    get: (spec) => spec.logs.format,
  },
  timestamp: {
    type: either(flag, text),
    doc: 'What is put before plain lines: `true` or `iso`, or letters such as `YYYY-MM-DD HH:mm:ss.SSS Z`.',
    default: false,
    examples: [true, 'YYYY-MM-DD HH:mm:ss'],
    flag: { option: '--log-timestamp <form>', summary: 'time before each line: iso, YYYY-MM-DD HH:mm, none' },
    read: (value, place) => {
      if (value === false || value === null || value === 'none') return { logs: { timestamp: null } };
      return {
        logs: {
          timestamp: value === true ? 'iso' : readText(place, value, 'true, or letters for a time', 'iso'),
        },
      };
    },
    get: (spec) => spec.logs.timestamp ?? false,
  },
  rotate: {
    type: flag,
    doc: 'When a file is set aside and a new one begun; `false`: never.',
    default: true,
    examples: [false, { size: '10MiB', every: '1d', keep: 30, totalSize: '1GiB', compress: true }],
    read: (value, place) => {
      if (value === true) return {};
      if (value !== false) throw badValue(place, value, 'false, or an object', '{ "size": "10MiB" }');
      return { logs: { rotation: { maxSizeBytes: null, everyMs: null } } };
    },
    fields: asTable(rotate),
    interfaceName: 'RotateConfig',
  },
};

export const logsFields: TableOf<Pick<AppConfig, 'logs'>> = {
  logs: {
    type: flag,
    doc: 'Files for what the app prints, and their rotation; `false`: it is dropped.',
    default: true,
    examples: [false, { out: 'logs/api.log', timestamp: true, rotate: { every: '1d' } }],
    flag: {
      option: '--logs',
      summary: 'keep what the app prints (the default)',
      negative: 'drop what the app prints',
    },
    read: (value, place) => ({ logs: { enabled: readFlag(place, value) } }),
    fields: asTable(logs),
    interfaceName: 'LogsConfig',
  },
};
