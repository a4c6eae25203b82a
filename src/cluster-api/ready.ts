import { appLink } from '../protocol/app-link.ts';

/**
 * Says that this worker can serve. Where the app is started with `ready: message` it accepts
 * connections from then on; else, and alone, nothing happens. It may be called before `listen`, and
 * more than once. The same as `process.send('ready')`.
 */
export const ready = (): void => appLink()?.ready();
