/** An answer as an HTTP/1 client gets it, in latin1 text. */
import { reasonOf } from '../error-page.ts';
import type { ResponseHead } from '../contract.ts';
import type { RawHeaders } from '../headers/raw-headers.ts';

/** `chunked`: the body comes in chunks. `close`: the connection ends after it. */
export const responseText = (
  { status, reason, lines }: ResponseHead,
  version: string,
  chunked: boolean,
  close: boolean,
): string => {
  const coding = chunked ? 'Transfer-Encoding: chunked\r\n' : '';
  const connection = close ? 'Connection: close\r\n' : version === '1.1' ? '' : 'Connection: keep-alive\r\n';
  return `HTTP/1.1 ${String(status)} ${reason}\r\n${lines}${coding}${connection}\r\n`;
};

export const chunkText = (data: string): string => `${data.length.toString(16)}\r\n${data}\r\n`;

/** Trailers are those that may be sent. */
export const lastChunk = (trailers: RawHeaders | null): string => {
  if (trailers === null) return '0\r\n\r\n';
  let text = '0\r\n';
  for (let at = 0; at < trailers.length; at += 2)
    text += `${trailers[at] ?? ''}: ${trailers[at + 1] ?? ''}\r\n`;
  return `${text}\r\n`;
};

const informReason = (status: number): string => {
  switch (status) {
    case 100:
      return 'Continue';
    case 102:
      return 'Processing';
    case 103:
      return 'Early Hints';
    default:
      return reasonOf(status);
  }
};

export const informText = (status: number, lines: string): string =>
  `HTTP/1.1 ${String(status)} ${informReason(status)}\r\n${lines}\r\n`;
