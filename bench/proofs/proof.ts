/** What a proof is given and what it gives back. */
import type { Stage, StageOptions } from './stage.ts';

export interface Finding {
  /** What was asked for, in words. */
  readonly asked: string;
  /** What was measured, with units. */
  readonly measured: string;
  readonly ok: boolean;
}

export interface Proof {
  readonly name: string;
  readonly title: string;
  readonly stage: StageOptions;
  readonly run: (stage: Stage, progress: (line: string) => void) => Promise<readonly Finding[]>;
}

export const finding = (asked: string, ok: boolean, measured: string): Finding => ({ asked, measured, ok });

export const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
