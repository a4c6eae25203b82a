/** `isLeader` and `onLeader`: whether this worker leads its app. */
import { thisMember } from '../member.ts';
import { processWide } from '../process-wide.ts';
import type { LeaderListener, Office } from './office.ts';
import { openOffice } from './office.ts';

/** One for all copies of Skein in a process: of two candidates one would lead, and the other's jobs never run. */
export const thisOffice = (): Office => processWide('office', () => openOffice(thisMember()));

/**
 * Whether this worker leads its app now, as far as it can know: of all workers at most one, also over
 * many machines. The first call makes it stand for election, which takes a moment, so ask when it
 * matters and not once at the start. Alone: true.
 */
export const isLeader = (): boolean => thisOffice().isLeader();

/**
 * Calls `listener` each time this worker becomes the leader, until the function it returns is called.
 * Stop what it began when `signal` aborts. What it throws becomes a line on stderr.
 */
export const onLeader = (listener: LeaderListener): (() => void) => thisOffice().onLeader(listener);
