/** Who this process is among those that exchange messages. */
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { newId } from '../../core/id.ts';
import { appLink } from '../../protocol/app-link.ts';
import type { WorkerPhase } from '../../protocol/worker.ts';
import { worker } from '../worker.ts';
import type { Member, MemberPhase } from './member.ts';

export type Identity = Pick<Member, 'id' | 'node' | 'slot' | 'generation' | 'pid' | 'pidSpace' | 'since'>;

/** Empty where the system has no such thing: process ids of one machine are then of one namespace. */
const pidSpace = (): string => {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
};

/** What a worker starts, a thread or a process, has its environment but not its slot. */
const isWorker = (): boolean =>
  appLink() !== undefined || (isMainThread && !(process.env['SKEIN_STATE'] ?? '').startsWith('embedded:'));

export const identity = (): Identity => ({
  id: `${newId()}-${process.pid}`,
  node: hostname(),
  slot: isWorker() ? worker.slot : null,
  generation: worker.generation,
  pid: process.pid,
  pidSpace: pidSpace(),
  since: Date.now(),
});

export const phaseOf = (phase: WorkerPhase | undefined): MemberPhase => {
  switch (phase) {
    case undefined:
    case 'ready':
      return 'ready';
    case 'starting':
      return 'starting';
    case 'draining':
    case 'drained':
      return 'draining';
  }
};

/** False: a process of this machine that is no more. Of others nothing is known. */
export const mayLive = (own: Identity, { node, pid, pidSpace }: Member): boolean => {
  if (node !== own.node || pidSpace !== own.pidSpace) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};
