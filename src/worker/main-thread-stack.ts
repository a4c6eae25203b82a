/**
 * The JavaScript stack of the main thread, taken from another thread while the main thread runs
 * and does not return to its event loop.
 */
import type { Debugger } from 'node:inspector';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

type Paused = { readonly params: Debugger.PausedEventDataType };
type Parsed = { readonly params: Debugger.ScriptParsedEventDataType };

/** One line per frame, innermost first. Or, in one line, why there is no stack. */
export const mainThreadStack = async (withinMs: number): Promise<string> => {
  const session = new Session();
  // Absent before Node 12.11, refused when the process may not use the inspector.
  try {
    session.connectToMainThread();
  } catch (error) {
    return `no stack: ${error instanceof Error ? error.message : String(error)}`;
  }
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<string>((resolve) => {
    const reason = `no JavaScript was interrupted within ${withinMs} ms; a system call or native code may block`;
    timer = setTimeout(() => resolve(`no stack: ${reason}`), withinMs);
  });
  // A frame may come without its URL; enabling the debugger tells that of every script.
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }: Parsed) => urls.set(params.scriptId, params.url));
  const paused = new Promise<string>((resolve) => {
    session.once('Debugger.paused', ({ params }: Paused) => resolve(stackText(params.callFrames, urls)));
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
  const stack = await Promise.race([paused, timedOut]);
  clearTimeout(timer);
  session.post('Debugger.resume', () => {});
  session.post('Debugger.disable', () => {});
  session.disconnect();
  return stack;
};

export const stackText = (
  frames: readonly Pick<Debugger.CallFrame, 'functionName' | 'url' | 'location'>[],
  urls: ReadonlyMap<string, string> = new Map(),
): string =>
  frames
    .map(({ functionName, url: own, location }) => {
      const url = own === '' ? (urls.get(location.scriptId) ?? '') : own;
      const file = url.startsWith('file://') ? fileURLToPath(url) : url;
      // The inspector counts from 0, people and stack traces from 1.
      const place = `${file}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
      return functionName === '' ? `at ${place}` : `at ${functionName} (${place})`;
    })
    .join('\n');
