/** `skein/control`: what the command line does, for programs. */
export { createControlClient } from '../control/client.ts';
export type { ControlClient } from '../control/client.ts';
export { exitCodes } from '../core/error-catalogue.ts';
export type { ErrorCode } from '../core/error-catalogue.ts';
export { SkeinError } from '../core/errors.ts';
export type { ErrorData } from '../core/errors.ts';
export { homeFrom, resolveHome } from '../os/home.ts';
export type { Home } from '../os/home.ts';
export type * from '../protocol/app-spec.ts';
export type * from '../protocol/control.ts';
