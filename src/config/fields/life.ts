/** From ready to ended: what workers are waited for, and when they are replaced. */
import type { AppConfig } from '../app-config.ts';
import type { TableOf } from '../field.ts';
import { countLimit, duration, durationLimit, either, flag, oneOf, sizeLimit, text } from '../field-types.ts';
import {
  readCountLimit,
  readDuration,
  readDurationLimit,
  readDurationOrZero,
  readExitCodes,
  readFlag,
  readReady,
  readSignal,
  readSizeLimit,
} from '../values.ts';
import { writeDuration, writeLimit, writeSize } from '../write-values.ts';

export const lifeFields: TableOf<
  Pick<
    AppConfig,
    | 'ready'
    | 'readyTimeout'
    | 'stopSignal'
    | 'drainTimeout'
    | 'killTimeout'
    | 'autorestart'
    | 'maxRestarts'
    | 'stopExitCodes'
    | 'restartDelay'
    | 'maxMemory'
    | 'hangTimeout'
  >
> = {
  ready: {
    type: either(oneOf('listening', 'message', 'started', 'auto'), {
      ts: '`/${string}`',
      schema: { type: 'string', pattern: '^/' },
    }),
    doc: 'When a worker may take traffic: it listens, it called `process.send("ready")`, its process runs, it listens or has lived for 3 s without (`auto`), or GET of this path on its first HTTP server answers 2xx or 3xx ([starting.md](starting.md#ready)).',
    defaultText: '`listening` for Node, `started` for other programs',
    examples: ['message', '/healthz'],
    flag: {
      option: '--ready <check>',
      summary: 'when a worker is ready: listening, message, /path (answers), auto, started',
    },
    read: (value, place) => ({ ready: readReady(place, value) }),
    get: ({ ready }) => (ready.kind === 'http' ? ready.path : ready.kind),
  },
  readyTimeout: {
    type: duration,
    doc: 'How long a worker may take to be ready.',
    default: '30s',
    examples: ['2m', 5000],
    flag: { option: '--ready-timeout <time>', summary: 'how long a worker may take to be ready (30s)' },
    read: (value, place) => ({ readyTimeoutMs: readDuration(place, value) }),
    get: ({ readyTimeoutMs }) => writeDuration(readyTimeoutMs),
  },
  stopSignal: {
    type: text,
    doc: 'What asks a worker to end, after its drain: the name of a signal, or `message` for `process.emit("message", "shutdown")` in the worker.',
    default: 'SIGTERM',
    examples: ['SIGINT', 'message'],
    flag: {
      option: '--stop-signal <signal>',
      summary: 'signal that asks the app to end, or message (SIGTERM)',
    },
    read: (value) => ({ stopSignal: value === 'message' ? 'message' : readSignal(value) }),
    get: ({ stopSignal }) => stopSignal,
  },
  drainTimeout: {
    type: duration,
    doc: 'How long open connections may take to end when a worker is replaced or stopped ([draining.md](draining.md)).',
    default: '30s',
    examples: ['5m', 0],
    flag: { option: '--drain-timeout <time>', summary: 'how long open connections may take to end (30s)' },
    read: (value, place) => ({ drainTimeoutMs: readDurationOrZero(place, value) }),
    get: ({ drainTimeoutMs }) => writeDuration(drainTimeoutMs),
  },
  killTimeout: {
    type: duration,
    doc: 'From the stop signal to SIGKILL.',
    default: '10s',
    examples: ['1600ms'],
    flag: { option: '--kill-timeout <time>', summary: 'from the stop signal to SIGKILL (10s)' },
    read: (value, place) => ({ killTimeoutMs: readDurationOrZero(place, value) }),
    get: ({ killTimeoutMs }) => writeDuration(killTimeoutMs),
  },
  autorestart: {
    type: flag,
    doc: 'Whether a worker that ends is started again ([restarts.md](restarts.md)).',
    default: true,
    examples: [false],
    flag: {
      option: '--autorestart',
      summary: 'restart workers that end (the default)',
      negative: 'do not restart workers that end',
    },
    read: (value, place) => ({ restart: { auto: readFlag(place, value) } }),
    get: ({ restart }) => restart.auto,
  },
  maxRestarts: {
    type: countLimit,
    doc: 'Give up after so many restarts of a worker within 5 minutes.',
    default: 'none',
    examples: [16, 'none'],
    flag: { option: '--max-restarts <count>', summary: 'give up after so many within 5 minutes, or none' },
    read: (value, place) => ({ restart: { maxRestarts: readCountLimit(place, value) } }),
    get: ({ restart }) => restart.maxRestarts ?? 'none',
  },
  stopExitCodes: {
    type: either(
      { ts: 'number', schema: { type: 'integer', minimum: 0, maximum: 255 } },
      { ts: 'string', schema: { type: 'string', pattern: '^\\s*\\d{1,3}\\s*(,\\s*\\d{1,3}\\s*)*$' } },
      {
        ts: 'readonly number[]',
        schema: { type: 'array', items: { type: 'integer', minimum: 0, maximum: 255 } },
      },
    ),
    doc: 'Exit codes that are a wanted end: the worker is not started again.',
    default: [],
    examples: [[0, 3], 0, '0,3'],
    flag: { option: '--stop-exit-codes <codes>', summary: 'exit codes after which it is not restarted: 0,3' },
    read: (value, place) => ({ restart: { stopExitCodes: readExitCodes(place, value) } }),
    get: ({ restart }) => restart.stopExitCodes,
  },
  restartDelay: {
    type: duration,
    doc: 'The least pause before a restart. A worker that crashes again and again is given longer ones in any case.',
    default: 0,
    examples: ['3s'],
    flag: { option: '--restart-delay <time>', summary: 'the least pause before a restart (none)' },
    read: (value, place) => ({ restart: { delayMs: readDurationOrZero(place, value) } }),
    get: ({ restart }) => (restart.delayMs === 0 ? 0 : writeDuration(restart.delayMs)),
  },
  maxMemory: {
    type: sizeLimit,
    doc: 'Replace a worker whose process tree has more resident memory than this, without losing a request.',
    default: 'none',
    examples: ['512MiB', '1.5G'],
    flag: {
      option: '--max-memory <size>',
      summary: 'replace a worker that has grown beyond this, e.g. 300M',
    },
    read: (value, place) => ({ maxMemoryBytes: readSizeLimit(place, value) }),
    get: ({ maxMemoryBytes }) => writeSize(maxMemoryBytes),
  },
  hangTimeout: {
    type: durationLimit,
    doc: 'Replace a worker whose event loop has been blocked for this long.',
    default: 'none',
    examples: ['10s'],
    flag: {
      option: '--hang-timeout <time>',
      summary: 'replace a worker whose event loop is blocked for this long',
    },
    read: (value, place) => ({ hangTimeoutMs: readDurationLimit(place, value) }),
    get: ({ hangTimeoutMs }) => writeLimit(hangTimeoutMs),
  },
};
