/** What a scenario is given and what it gives back. */
import type { Peer } from '../peers/peer.ts';

/** How thorough a run is. `quick` is for looking, `full` for numbers that are published. */
export type Depth = 'quick' | 'full';

export interface Peers {
  readonly skeinPerWorker: Peer;
  readonly skeinShared: Peer;
  readonly pm2: Peer;
  readonly node: Peer;
  readonly clusterRoundRobin: Peer;
  readonly clusterShared: Peer;
  readonly watt: Peer;
}

export interface Context {
  readonly depth: Depth;
  readonly peers: Peers;
  /** The folder of the installed package. */
  readonly skeinPackage: string;
  /** One line on what is being done; goes to stderr. */
  readonly progress: (line: string) => void;
}

/** A number the project set itself to reach. */
export interface Goal {
  readonly text: string;
  /** What was measured, with its unit. */
  readonly measured: string;
  /** null when nothing was measured. */
  readonly met: boolean | null;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Something that should have been measured and was not. */
export interface Failure {
  readonly what: string;
  readonly reason: string;
}

export interface ScenarioResult {
  readonly table: Table;
  readonly goals: readonly Goal[];
  readonly failures: readonly Failure[];
  /** Everything that was measured, for whoever wants to calculate again. */
  readonly samples: unknown;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** What is done and what the columns mean, for the reader of the table. */
  readonly method: string;
  readonly run: (context: Context) => Promise<ScenarioResult>;
}
