/** An app of a PM2 file in Skein's own words: what could stand in a skein.config file. */

export interface WrittenLogs {
  readonly enabled?: boolean;
  readonly out?: string;
  readonly err?: string;
  readonly combined?: string;
  readonly perWorker?: boolean;
  readonly timestamp?: string;
  readonly format?: 'plain' | 'json';
}

/** Only what was written, or what PM2 does where nothing is. */
export interface WrittenApp {
  readonly name?: string;
  readonly namespace?: string;
  readonly script?: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly interpreter?: string;
  readonly nodeArgs?: readonly string[];
  readonly instances?: number | string;
  readonly ready?: string;
  readonly readyTimeout?: number;
  readonly stopSignal?: string;
  readonly killTimeout?: number;
  readonly maxMemory?: number | string;
  readonly autorestart?: boolean;
  readonly maxRestarts?: number;
  readonly stopExitCodes?: readonly number[];
  readonly restartDelay?: number;
  readonly autostart?: boolean;
  readonly envFile?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly inheritEnv?: boolean | readonly string[];
  readonly incrementVar?: string;
  readonly instanceVar?: string;
  readonly watch?: {
    readonly paths?: readonly string[];
    readonly ignore?: readonly string[];
    readonly delay?: number;
  };
  readonly cron?: string;
  readonly user?: string;
  readonly group?: string;
  readonly logs?: WrittenLogs;
}
