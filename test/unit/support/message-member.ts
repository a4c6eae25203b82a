/** A member of the messages' roster, as tests need one. */
import type { Member } from '../../../src/cluster-api/messages/member.ts';

export const messageMember = (id: string, more: Partial<Member> = {}): Member => ({
  id,
  node: 'here',
  slot: 0,
  generation: 1,
  pid: 1,
  pidSpace: '',
  since: 1,
  phase: 'ready',
  hears: ['t'],
  answers: ['t'],
  revision: 1,
  ...more,
});
