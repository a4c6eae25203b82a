/**
 * Runs every peer once per round (A B C, B C A, C A B ...), each from its start to its stop, so that
 * none runs beside another and a slow minute of the machine hits all of them.
 */
import type { Launch, Peer, Running } from '../peers/peer.ts';
import type { Failure } from '../scenarios/scenario.ts';

export interface RoundsOptions<Sample> {
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly launch: Launch;
  readonly measure: (running: Running, round: number) => Promise<Sample>;
  readonly progress: (line: string) => void;
}

export interface Rounds<Sample> {
  /** One entry per round; null where the peer failed. */
  readonly of: (peer: Peer) => readonly (Sample | null)[];
  readonly failures: readonly Failure[];
  /** By the name of the peer, for the record. */
  readonly samples: Readonly<Record<string, readonly (Sample | null)[]>>;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts the peer, measures, and stops it whatever happens. */
export const withRunning = async <T>(
  peer: Peer,
  launch: Launch,
  use: (running: Running) => Promise<T>,
): Promise<T> => {
  const running = await peer.start(launch);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
};

/** The list, beginning with a different one each time. */
export const rotated = <T>(list: readonly T[], by: number): T[] => {
  const start = by % Math.max(list.length, 1);
  return [...list.slice(start), ...list.slice(0, start)];
};

export const runRounds = async <Sample>(options: RoundsOptions<Sample>): Promise<Rounds<Sample>> => {
  const { peers, rounds, launch, measure, progress } = options;
  const none = (): (Sample | null)[] => Array.from({ length: rounds }, () => null);
  const samples = new Map(peers.map(({ name }) => [name, none()]));
  const failures: Failure[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const peer of rotated(peers, round)) {
      progress(`round ${round + 1} of ${rounds}: ${peer.name}`);
      try {
        const sample = await withRunning(peer, launch, (running) => measure(running, round));
        samples.get(peer.name)?.splice(round, 1, sample);
      } catch (error) {
        failures.push({ what: `${peer.name}, round ${round + 1}`, reason: reasonOf(error) });
      }
    }
  }
  return { of: (peer) => samples.get(peer.name) ?? [], failures, samples: Object.fromEntries(samples) };
};
