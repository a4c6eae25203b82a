/**
 * A worker that has something to do and says nothing may be computing, or waiting for a database. A
 * pulse tells the two apart: whose event loop turns answers it. Pure; the counter of what was heard is
 * looked at by a coarse timer, so a read costs one addition.
 */

/** Ask after so much silence, and call it blocked after so much more without an answer. */
const ASK_MS = 20;
const BLOCKED_MS = 40;
/** A longer gap between two looks means that this process was busy itself, not that they were silent. */
const MOST_GAP_MS = 20;

export interface Silence {
  /** The counter at the last look. */
  heard: number;
  silentMs: number;
  asked: boolean;
}

export const newSilence = (heard: number): Silence => ({ heard, silentMs: 0, asked: false });

/** `busy`: something is in flight there. Changes `silence`. */
export const look = (
  silence: Silence,
  heard: number,
  busy: boolean,
  gapMs: number,
): 'heard' | 'silent' | 'ask' | 'blocked' => {
  if (heard !== silence.heard || !busy) {
    silence.heard = heard;
    silence.silentMs = 0;
    silence.asked = false;
    return 'heard';
  }
  silence.silentMs += Math.min(gapMs, MOST_GAP_MS);
  if (silence.asked) return silence.silentMs >= BLOCKED_MS ? 'blocked' : 'silent';
  if (silence.silentMs < ASK_MS) return 'silent';
  silence.asked = true;
  return 'ask';
};
