/**
 * Limits how long anybody waits for a server that is connected but silent: stopped, or behind a cut
 * cable. The first calls wait for the limit; while one of these is still unanswered, further ones fail
 * at once and are not sent. The silence ends when an answer comes, or the client drops the connection.
 */
import { formatDuration } from '../../../core/duration.ts';
import type { Asked } from './outcome.ts';
import { asStateError, away, inDoubt } from './outcome.ts';

export interface PatienceOptions {
  readonly label: string;
  readonly timeoutMs: number;
  /** False where a silent server says nothing about others. */
  readonly failFast: boolean;
}

export class Patience {
  #overdue = 0;
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  async run(asked: Asked, send: () => Promise<unknown>): Promise<unknown> {
    const { label, timeoutMs, failFast } = this.#options;
    const silence = `no answer within ${formatDuration(timeoutMs)}`;
    if (failFast && this.#overdue > 0) throw away(asked, label, silence);
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true;
        this.#overdue += 1;
        reject(inDoubt(asked, label, silence));
      }, timeoutMs);
    });
    const reply = send().finally(() => {
      if (late) this.#overdue -= 1;
    });
    try {
      return await Promise.race([reply, limit]);
    } catch (error) {
      throw asStateError(error, asked, label);
    } finally {
      clearTimeout(timer);
    }
  }
}
