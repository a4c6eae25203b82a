/** Signal names as people write them. */
import { constants } from 'node:os';

/** `SIGHUP`, `hup` or `1` as `SIGHUP`; undefined when this machine has no such signal. */
export const parseSignal = (text: string): NodeJS.Signals | undefined => {
  const known = Object.entries(constants.signals);
  const name = text.trim().toUpperCase();
  const found = /^\d+$/.test(name)
    ? known.find(([, number]) => number === Number(name))
    : known.find(([signal]) => signal === name || signal === `SIG${name}`);
  return found?.[0] as NodeJS.Signals | undefined;
};

/** What a shell makes of a death by signal: 128 and its number. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];
