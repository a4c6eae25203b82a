/** What a thread of `skein/pool` loads. */
export { runAssignment as default } from '../pool/thread.ts';
