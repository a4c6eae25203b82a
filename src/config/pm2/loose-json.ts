/** PM2 evaluates its JSON files as JavaScript, so there are some with comments and commas at the end. */
import { runInNewContext } from 'node:vm';

const LIMIT_MS = 1000;

/** The value, or undefined when it is no JavaScript either. What it evaluates to is plain data. */
export const looseJson = (text: string): unknown => {
  try {
    const value = runInNewContext(`(${text}\n)`, Object.create(null) as object, {
      timeout: LIMIT_MS,
    }) as unknown;
    return JSON.parse(JSON.stringify(value)) as unknown;
  } catch {
    return undefined;
  }
};
