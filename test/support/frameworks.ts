/** Runs one scenario for plain Node and for each of the frameworks, all at the same time. */
import { suite, test } from 'node:test';
import type { AcceptMode } from '../../src/protocol/app-spec.ts';

export interface Variant {
  /** An unmodified app of test/fixtures/apps. */
  readonly script: string;
  readonly accept: AcceptMode;
}

const variants: readonly Variant[] = [
  { script: 'http.js', accept: 'per-worker' },
  { script: 'http.js', accept: 'shared' },
  { script: 'express.js', accept: 'shared' },
  { script: 'fastify.js', accept: 'per-worker' },
  { script: 'koa.js', accept: 'per-worker' },
];

export const forEachFramework = (
  name: string,
  timeoutMs: number,
  scenario: (variant: Variant) => Promise<void>,
): void => {
  suite(name, { concurrency: variants.length }, () => {
    for (const variant of variants) {
      test(`${name}: ${variant.script}, ${variant.accept}`, { timeout: timeoutMs }, () => scenario(variant));
    }
  });
};
