/**
 * Gives way to another version of the supervisor. The holder starts that one beside this one; only
 * when it is able does this one step down. What is there to lose is in the state file, in the
 * holder and in the workers, so stepping down is no more than to exit.
 */
import { readFileSync, statSync } from 'node:fs';
import { SkeinError } from '../core/errors.ts';
import type { UpgradeRequest } from '../protocol/control.ts';
import type { HolderEvent } from '../protocol/holder.ts';
import type { HolderClient } from './holder-client.ts';

export interface UpgradeOptions {
  readonly holder: HolderClient;
  readonly version: string;
  readonly logFile: string;
  readonly exit: () => void;
}

interface Waiting {
  readonly request: UpgradeRequest;
  readonly since: number;
  /** Length of the log when it began. */
  readonly logBytes: number;
  readonly done: () => void;
  readonly failed: (error: SkeinError) => void;
  readonly timer: NodeJS.Timeout;
}

/** Above what the holder gives the new one. */
const ANSWER_WITHIN_MS = 15_000;

const sizeOf = (file: string): number => {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
};

/** What a process that died has written into the log last that reads like its reason. Pure. */
export const reasonIn = (written: string): string | null => {
  const lines = written.split('\n').map((line) => {
    try {
      const { message, stack } = JSON.parse(line) as { message?: string; stack?: string };
      return message === 'uncaught' ? (stack?.split('\n')[0] ?? '') : '';
    } catch {
      return line;
    }
  });
  return lines.findLast((line) => /^\w*Error( \[\w+\])?: /.test(line)) ?? null;
};

export class Upgrade {
  readonly #options: UpgradeOptions;
  #waiting: Waiting | null = null;

  constructor(options: UpgradeOptions) {
    this.#options = options;
  }

  /**
   * Settles when the new one is about to take over.
   * @throws SkeinError E_BUSY, E_HOLDER_GONE, E_UPGRADE
   */
  begin(request: UpgradeRequest): Promise<void> {
    const { holder, logFile } = this.#options;
    if (this.#waiting !== null) {
      const since = new Date(this.#waiting.since).toISOString();
      throw new SkeinError('E_BUSY', { app: 'Skein', verb: 'upgrade', since });
    }
    if (!holder.alive) throw new SkeinError('E_HOLDER_GONE', { pid: String(holder.pid) });
    return new Promise((resolve, reject) => {
      this.#waiting = {
        request,
        since: Date.now(),
        logBytes: sizeOf(logFile),
        done: resolve,
        failed: reject,
        timer: setTimeout(() => this.#fail('the holder did not answer'), ANSWER_WITHIN_MS),
      };
      holder.send({ verb: 'upgrade', node: request.node, file: request.file });
    });
  }

  /** Whether the event was about an upgrade. */
  heard(event: HolderEvent): boolean {
    switch (event.event) {
      case 'upgrade-failed':
        this.#fail(event.reason);
        return true;
      case 'step-down':
        this.#end()?.done();
        // The answer to who asked goes out first; who follows an operation asks the next one.
        setImmediate(this.#options.exit);
        return true;
      default:
        return false;
    }
  }

  #fail(reason: string): void {
    const waiting = this.#end();
    if (waiting === null) return;
    const { version, logFile } = this.#options;
    const { request, logBytes, failed } = waiting;
    const why = reasonIn(this.#written(logBytes));
    failed(
      new SkeinError('E_UPGRADE', {
        version: request.version,
        running: version,
        file: request.file,
        reason: why === null ? reason : `${reason} (${why})`,
        log: logFile,
      }),
    );
  }

  #written(since: number): string {
    try {
      return readFileSync(this.#options.logFile).subarray(since).toString('utf8');
    } catch {
      return '';
    }
  }

  #end(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
