/** One HTTP exchange with the supervisor, up to the headers of the answer. */
import type { IncomingMessage } from 'node:http';
import type { ErrorData } from '../../core/errors.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Home } from '../../os/home.ts';
import { excessOfSocketPath, tooLongForSocket } from '../../os/socket-path.ts';
import { socketError, supervisorGone, unusableHome } from './errors.ts';

/**
 * Not by `import`: the namespace of an ES module has every export, so Node would evaluate the lazy
 * ones too and load all of undici for `http.WebSocket`: 35 ms and 6 MB that no command needs.
 */
const { request } = process.getBuiltinModule('node:http');

export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
  /** How long the headers may take. A supervisor that has just been killed has a successor within a
   *  second, and the connection waits for it in the holder's socket. null: no limit. */
  readonly headersWithinMs: number | null;
  readonly signal?: AbortSignal | undefined;
}

const readAll = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
};

const isErrorBody = (value: unknown): value is { error: ErrorData } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { error?: ErrorData }).error?.message === 'string';

/** The whole body as JSON. An error status becomes the SkeinError in the body. */
export const readJson = async (response: IncomingMessage, home: Home): Promise<unknown> => {
  let value: unknown;
  try {
    value = JSON.parse(await readAll(response));
  } catch (error) {
    throw supervisorGone(home, 'its answer was cut off', error);
  }
  if ((response.statusCode ?? 500) < 400) return value;
  if (isErrorBody(value)) throw SkeinError.fromData(value.error);
  throw new SkeinError('E_BAD_REQUEST', { reason: `status ${response.statusCode}` });
};

/** @throws SkeinError E_NO_SUPERVISOR, E_SUPERVISOR_GONE, E_PERMISSION, E_HOME; whatever `signal` was aborted with */
export const exchange = (
  { method, path, body, headersWithinMs, signal }: Exchange,
  home: Home,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const excess = excessOfSocketPath(home.controlSocket);
    if (excess > 0) throw unusableHome(home, tooLongForSocket(excess));
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request({
      socketPath: home.controlSocket,
      method,
      path,
      // Every command is its own process: a kept connection would only keep it from ending.
      agent: false,
      headers: {
        host: 'skein',
        ...(payload !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
        }),
      },
      ...(signal !== undefined && { signal }),
    });
    const limit =
      headersWithinMs === null
        ? undefined
        : setTimeout(() => {
            reject(supervisorGone(home, `there was no answer within ${headersWithinMs / 1000} s`));
            outgoing.destroy();
          }, headersWithinMs);
    outgoing.on('response', (response) => {
      clearTimeout(limit);
      resolve(response);
    });
    outgoing.on('error', (error) => {
      clearTimeout(limit);
      reject(signal?.aborted === true ? (signal.reason as Error) : socketError(error, home));
    });
    outgoing.end(payload);
  });
