/**
 * The state under messages, cached values, jobs and breakers: the same engine that the app's own
 * state has, so that configuration decides how far these reach, under keys of their own.
 */
import type { State } from '../state/contract.ts';
import { createState } from '../state/create.ts';
import { worker } from './worker.ts';

let shared: State | undefined;

/** Made when it is first needed: an app that uses none of these pays nothing. */
export const clusterState = (): State =>
  (shared ??= createState({ namespace: 'skein-cluster' }).namespace(worker.app));
