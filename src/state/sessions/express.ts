/** Sessions of express-session in shared state. The package is the app's own, which passes it in. */
import type { State } from '../contract.ts';
import type { SessionStoreOptions } from './entries.ts';
import type { SessionStore } from './store.ts';
import { sessionStore } from './store.ts';

/** The function that `express-session` exports, as far as it is used. */
export interface ExpressSession<Base extends object> {
  readonly Store: new () => Base;
}

/** `session({ store: expressSessionStore(session, state), … })`. Throws E_BAD_VALUE for a bad `ttl`. */
export const expressSessionStore = <Base extends object>(
  session: ExpressSession<Base>,
  state: State,
  options: SessionStoreOptions = {},
): Base & SessionStore => Object.assign(new session.Store(), sessionStore(state, options));
