/**
 * Puts `Connection: close` into the headers of a response, in whichever of its forms Node has them
 * at that point (lib/_http_outgoing.js, _storeHeader), also when the app asked for keep-alive.
 */
import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';

export type HeadersGiven = OutgoingHttpHeaders | Pairs | readonly OutgoingHttpHeader[] | null | undefined;

const isAboutConnection = (name: unknown): boolean => /^(?:connection|keep-alive)$/i.test(String(name));

type Pairs = readonly (readonly [string, OutgoingHttpHeader])[];

/** A copy of `headers` that says close and nothing else about the connection. */
export const withClose = (headers: HeadersGiven): Exclude<HeadersGiven, null | undefined> => {
  if (!Array.isArray(headers)) {
    const kept = Object.entries(headers ?? {}).filter(([name]) => !isAboutConnection(name));
    return { ...Object.fromEntries(kept), Connection: 'close' };
  }
  if (Array.isArray(headers[0])) {
    return [...(headers as Pairs).filter(([name]) => !isAboutConnection(name)), ['Connection', 'close']];
  }
  // Names and values in turn.
  const flat = headers as readonly OutgoingHttpHeader[];
  return [...flat.filter((_, index) => !isAboutConnection(flat[index - (index % 2)])), 'Connection', 'close'];
};
