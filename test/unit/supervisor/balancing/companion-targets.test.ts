import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { OperationRequest } from '../../../../src/protocol/control.ts';
import { withoutCompanions } from '../../../../src/supervisor/balancing/companion-targets.ts';

const of = (
  names: readonly string[],
  verb: OperationRequest['verb'],
  targets: readonly string[] = names,
): string[] =>
  withoutCompanions(
    names.map((name) => ({ name, slots: null })),
    { verb, targets },
  ).map(({ name }) => name);

it('what means an app and its balancer means the app', () => {
  assert.deepEqual(of(['api', 'api:balancer', 'web'], 'reload', ['all']), ['api', 'web']);
  assert.deepEqual(of(['api', 'api:balancer'], 'stop', ['namespace']), ['api']);
});

it('a balancer that is named is meant', () => {
  assert.deepEqual(of(['api:balancer'], 'reload'), ['api:balancer']);
  assert.deepEqual(of(['api', 'api:balancer'], 'restart'), ['api', 'api:balancer']);
  assert.deepEqual(of(['api:balancer'], 'reload', ['/bal/']), ['api:balancer']);
});

it('what its app decides is refused, and says how', () => {
  for (const verb of ['stop', 'delete', 'scale', 'start', 'rollback'] as const)
    assert.throws(() => of(['api:balancer'], verb), /of the balancer of api/);
  assert.throws(() => of(['api', 'api:balancer'], 'stop'), /of the balancer of api/);
});
