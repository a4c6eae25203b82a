/** What the balancer says itself when there is no answer to pass on: short, plain, and about no upstream. */
import type { ResponseHead } from './contract.ts';
import { dateField } from './upstream/response-head.ts';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  508: 'Loop Detected',
};

export interface OwnAnswer {
  readonly head: ResponseHead;
  readonly body: string;
}

/** Of a response without a reason of its own. */
export const reasonOf = (status: number): string => REASONS[status] ?? '';

/** A response with this body, which is latin1 text. `lines`: its fields, without Content-Length. */
export const ownAnswer = (status: number, lines: string, body: string, method: string): OwnAnswer => {
  const bodyless = status === 204 || status === 304;
  return {
    head: {
      status,
      reason: reasonOf(status),
      lines: `${lines}${bodyless ? '' : `Content-Length: ${String(body.length)}\r\n`}${dateField()}`,
      bodyLength: bodyless ? 0 : body.length,
      hasBody: method !== 'HEAD' && !bodyless,
    },
    body,
  };
};

/** `detail`: what the client can do about it; '' for nothing. */
export const errorPage = (
  status: number,
  detail: string,
  retryAfterS: number | null,
  method: string,
): OwnAnswer => {
  const retry = retryAfterS === null ? '' : `Retry-After: ${String(retryAfterS)}\r\n`;
  const text = `${String(status)} ${reasonOf(status)}${detail === '' ? '' : `: ${detail}`}\n`;
  return ownAnswer(status, `Content-Type: text/plain\r\nCache-Control: no-store\r\n${retry}`, text, method);
};
