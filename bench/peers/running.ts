/** Everything that runs at the moment, so that an interrupted run leaves nothing behind. */

type Stop = () => Promise<void>;

const stops = new Set<Stop>();
let ending = false;

/**
 * Registers what ends a peer that is about to start; call the returned function instead of it.
 * Throws once everything is being stopped, so that nothing is started any more.
 */
export const tracked = (stop: Stop): Stop => {
  if (ending) throw new Error('the run is ending');
  stops.add(stop);
  return async () => {
    await stop();
    stops.delete(stop);
  };
};

/** Ends all that has not been ended; what fails to end keeps nothing else from it. */
export const stopEverything = async (): Promise<void> => {
  ending = true;
  const all = [...stops];
  stops.clear();
  await Promise.allSettled(all.map((stop) => stop()));
};
