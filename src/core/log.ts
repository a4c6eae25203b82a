/**
 * Skein's own log: one JSON object a line, appended synchronously so that the last line before a
 * crash is there. Twenty lines instead of a logging library, which cost the supervisor 3 MB.
 */
import { appendFileSync } from 'node:fs';

export type Level = 'info' | 'warn' | 'error';

export type Log = (level: Level, message: string, details?: Readonly<Record<string, unknown>>) => void;

/** A disk that is full must not end the process that says so. */
export const createLog =
  (file: string): Log =>
  (level, message, details = {}) => {
    const line = { time: new Date().toISOString(), level, pid: process.pid, message, ...details };
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    } catch {
      // Nowhere to say it.
    }
  };
