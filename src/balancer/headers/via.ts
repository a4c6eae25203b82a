/** Via names the proxies a message passed (RFC 9110, section 7.6.3), and so shows a loop. */
import type { RawHeaders } from './raw-headers.ts';
import { valuesOf } from './raw-headers.ts';

/** A comment may hold commas and more comments, so brackets are counted. Quoting in it is undone by `\`. */
const withoutComments = (value: string): string => {
  let depth = 0;
  let rest = '';
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at];
    if (char === '\\' && depth > 0) at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')' && depth > 0) depth -= 1;
    else if (depth === 0) rest += char;
  }
  return rest;
};

/** The message was here before. `name`: as given to `withVia`, of one balancer only. */
export const isLoop = (raw: RawHeaders, name: string): boolean =>
  valuesOf(raw, 'via').some((value) =>
    withoutComments(value)
      .split(',')
      .some((entry) => entry.trim().split(/[ \t]+/)[1] === name),
  );

/** `httpVersion`: in which the message came, `1.1`. */
export const withVia = (raw: RawHeaders, httpVersion: string, name: string): string[] => [
  ...raw,
  'Via',
  `${httpVersion} ${name}`,
];
