/**
 * Which workers of a pool are blocked. Looks only while requests come: with none, for a moment, nobody
 * needs to know, and tunnels that lie idle cost nothing.
 */
import type { Upstream } from '../member.ts';
import type { PoolTools } from '../tools.ts';
import type { Pulse } from './pulse.ts';
import { openPulse } from './pulse.ts';
import type { Silence } from './silence.ts';
import { look, newSilence } from './silence.ts';

export interface BlockedWatchOptions extends Pick<PoolTools, 'ticker' | 'now'> {
  readonly changed: () => void;
}

/** So long after the last request the looking goes on. */
const QUIET_MS = 500;
/** Who had no pulse is not asked again for so long. */
const BROKEN_MS = 1_000;

interface Watched {
  readonly upstream: Upstream;
  readonly silence: Silence;
  readonly pulse: Pulse;
  notBefore: number;
}

export class BlockedWatch {
  readonly #options: BlockedWatchOptions;
  #watched = new Map<Upstream, Watched>();
  #looking = false;
  #began = false;
  #quietMs = 0;

  constructor(options: BlockedWatchOptions) {
    this.#options = options;
  }

  watch(members: readonly Upstream[]): void {
    const before = this.#watched;
    this.#watched = new Map();
    for (const one of members)
      if (one.pulse !== null) this.#watched.set(one, before.get(one) ?? this.#open(one, one.pulse));
    for (const [one, { pulse }] of before) {
      if (this.#watched.has(one)) continue;
      pulse.close();
      one.blocked = false;
    }
  }

  /** A request goes to one of them; on every request's way. */
  began(): void {
    this.#began = true;
    if (!this.#looking && this.#watched.size > 0) this.#start();
  }

  #open(upstream: Upstream, path: string): Watched {
    const pulse = openPulse(path, {
      onAnswer: () => {
        upstream.heard += 1;
        this.#unblock(upstream);
      },
      onBroken: () => {
        watched.notBefore = this.#options.now() + BROKEN_MS;
        this.#unblock(upstream);
      },
    });
    const watched: Watched = { upstream, silence: newSilence(upstream.heard), pulse, notBefore: 0 };
    return watched;
  }

  #unblock(upstream: Upstream): void {
    if (!upstream.blocked) return;
    upstream.blocked = false;
    this.#options.changed();
  }

  #start(): void {
    this.#looking = true;
    this.#quietMs = 0;
    for (const { silence } of this.#watched.values()) silence.silentMs = 0;
    this.#options.ticker.start(this.#tick);
  }

  readonly #tick = (gapMs: number): boolean => {
    this.#quietMs = this.#began ? 0 : this.#quietMs + gapMs;
    this.#began = false;
    this.#looking = this.#quietMs < QUIET_MS && this.#watched.size > 0;
    if (!this.#looking) return false;
    let changed = false;
    for (const watched of this.#watched.values()) changed = this.#look(watched, gapMs) || changed;
    if (changed) this.#options.changed();
    return true;
  };

  /** True: it is blocked or not any more. */
  #look({ upstream, silence, pulse, notBefore }: Watched, gapMs: number): boolean {
    if (notBefore > 0 && this.#options.now() < notBefore) return false;
    const { blocked } = upstream;
    switch (look(silence, upstream.heard, blocked || upstream.inFlight > 0, gapMs)) {
      case 'heard':
        // A response is as good an answer as that to a pulse.
        upstream.blocked = false;
        break;
      case 'silent':
        break;
      case 'ask':
        pulse.ask();
        break;
      case 'blocked':
        upstream.blocked = true;
    }
    return upstream.blocked !== blocked;
  }
}
