/** NDJSON answers that go on until the follower leaves or there is no more to tell. */

/** What a follower that does not read may keep waiting, in bytes; beyond it, it is let go. */
const MOST_WAITING = 1 << 20;

/**
 * `begin` is called with what sends a line and what ends the answer; it returns what to do when
 * the follower is gone. The headers go out at once, so that a follower knows it is connected.
 */
export const followStream = (begin: (send: (line: string) => void, end: () => void) => (() => void) | void): Response => {
  const encoder = new TextEncoder();
  let over = false;
  let cleanUp: (() => void) | void;
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          if (over) return;
          over = true;
          cleanUp?.();
          controller.close();
        };
        const send = (line: string): void => {
          if (over) return;
          controller.enqueue(encoder.encode(line));
          if (controller.desiredSize !== null && controller.desiredSize < 0) end();
        };
        cleanUp = begin(send, end);
        if (over) cleanUp?.();
      },
      cancel() {
        over = true;
        cleanUp?.();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING }),
  );
  return new Response(stream, { headers: { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' } });
};
