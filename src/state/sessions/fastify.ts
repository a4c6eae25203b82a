/** Sessions of @fastify/session in shared state. */
import type { State } from '../contract.ts';
import type { SessionStoreOptions } from './entries.ts';
import type { SessionStore } from './store.ts';
import { sessionStore } from './store.ts';

/** `app.register(fastifySession, { store: fastifySessionStore(state), … })`. Throws E_BAD_VALUE for a bad `ttl`. */
export const fastifySessionStore = (state: State, options: SessionStoreOptions = {}): SessionStore =>
  sessionStore(state, options);
