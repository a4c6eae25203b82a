/** An NDJSON answer, value by value. */
import type { IncomingMessage } from 'node:http';
import { createLineDecoder } from '../../core/json-lines.ts';

/**
 * Ends when the answer ends, also when it was cut off: what a cut means only the caller knows,
 * who has seen whether the last value was the last.
 */
export async function* readLines<Value>(response: IncomingMessage): AsyncGenerator<Value, void, void> {
  let values: Value[] = [];
  const decoder = createLineDecoder((value) => values.push(value as Value));
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      decoder.push(chunk as string);
      const whole = values;
      values = [];
      yield* whole;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}
