/** Runs one scenario for plain Node and for each of the frameworks, all at the same time. */
import { readFileSync } from 'node:fs';
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

const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { readonly devDependencies: { readonly node: string } };

/** Express and Koa give a plain http server what http.js gives it, and that on each line of Node. */
const tried =
  process.versions.node === devDependencies.node
    ? variants
    : variants.filter(({ script }) => script === 'http.js' || script === 'fastify.js');

export const forEachFramework = (
  name: string,
  timeoutMs: number,
  scenario: (variant: Variant) => Promise<void>,
): void => {
  suite(name, { concurrency: tried.length }, () => {
    for (const variant of tried) {
      test(`${name}: ${variant.script}, ${variant.accept}`, { timeout: timeoutMs }, () => scenario(variant));
    }
  });
};
