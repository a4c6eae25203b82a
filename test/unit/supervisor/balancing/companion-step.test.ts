import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultAppPool, defaultFront } from '../../../../src/config/balance-defaults.ts';
import type { AppSpec } from '../../../../src/protocol/app-spec.ts';
import type { BalanceSettings } from '../../../../src/protocol/balance.ts';
import { companionOf } from '../../../../src/supervisor/balancing/companion-spec.ts';
import type { AppFacts } from '../../../../src/supervisor/balancing/companion-step.ts';
import { companionStep } from '../../../../src/supervisor/balancing/companion-step.ts';
import * as changes from '../../../../src/supervisor/changes.ts';
import type { AppRecord } from '../../../../src/supervisor/store.ts';
import { SkeinError } from '../../../../src/core/errors.ts';
import { opening, startedRecord } from '../fake-surroundings.ts';

const balance: BalanceSettings = {
  pool: defaultAppPool,
  front: { ...defaultFront, workers: 2, tls: null },
};
const facts = (record: AppRecord, more: Partial<AppFacts> = {}): AppFacts => ({
  record,
  listens: true,
  gaveUp: false,
  ...more,
});
const app = (spec: Partial<AppSpec> = {}): AppRecord => startedRecord({ balance, ...spec });
const running = (): AppRecord => startedRecord(companionOf(app().current.spec)!);
const failure = new SkeinError('E_SPAWN', { app: 'a', slot: '0', pid: '1', reason: 'no' }).toData();

describe('the companion of an app', () => {
  it('comes as soon as the app listens', () => {
    assert.equal(companionStep(facts(app(), { listens: false }), undefined).do, 'nothing');
    assert.equal(companionStep(facts(app()), undefined).do, 'start');
  });

  it('is none where balance is not set, or leads to the app from elsewhere only', () => {
    assert.equal(companionStep(facts(app({ balance: null })), undefined).do, 'nothing');
    const elsewhere = { pool: defaultAppPool, front: null };
    assert.equal(companionStep(facts(app({ balance: elsewhere })), undefined).do, 'nothing');
    assert.equal(companionStep(facts(app({ balance: null })), running()).do, 'delete');
  });

  it('stays over a restart of the app, and goes when the app stops', () => {
    const restarting = changes.restart(app(), {}, opening('restart'));
    assert.equal(companionStep(facts(restarting), running()).do, 'nothing');
    const stopping = changes.stop(app(), 'keep', opening('stop'));
    assert.equal(companionStep(facts(stopping), running()).do, 'delete');
    const ending = changes.stop(running(), 'delete', opening('delete'));
    assert.equal(companionStep(facts(stopping), ending).do, 'nothing');
  });

  it('gets what changes of the settings', () => {
    const more = app({ balance: { ...balance, front: { ...balance.front!, workers: 3 } } });
    assert.equal(companionStep(facts(more), running()).do, 'scale');
    const other = app({ balance: { ...balance, front: { ...balance.front!, pseudonym: 'x' } } });
    assert.equal(companionStep(facts(other), running()).do, 'adjust');
    assert.equal(companionStep(facts(app()), running()).do, 'nothing');
    const policy = { ...defaultAppPool, policy: { name: 'random' } } as const;
    assert.equal(
      companionStep(facts(app({ balance: { ...balance, pool: policy } })), running()).do,
      'nothing',
    );
  });

  it('is tried once in each change of the app, and its failure stays to be seen', () => {
    const failed: AppRecord = { ...running(), run: false, failure };
    assert.equal(companionStep(facts(app(), { gaveUp: true }), failed).do, 'nothing');
    assert.equal(companionStep(facts(app()), failed).do, 'start');
    const appFailed: AppRecord = { ...app(), run: false, failure };
    assert.equal(companionStep(facts(appFailed), failed).do, 'nothing');
  });
});
