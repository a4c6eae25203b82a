import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkApply, checkOperation, checkSignal, checkStart } from '../../../src/control/requests.ts';
import { SkeinError } from '../../../src/core/errors.ts';
import { appSpec } from '../support/app-spec.ts';

const refused = (what: () => unknown, reason: RegExp): void => {
  assert.throws(
    what,
    (error) => error instanceof SkeinError && error.code === 'E_BAD_REQUEST' && reason.test(error.message),
  );
};

test('a whole spec passes, one with a field missing, wrong or unknown does not', () => {
  assert.deepEqual(checkStart({ spec: appSpec() }).spec, appSpec());
  refused(() => checkStart({ spec: { ...appSpec(), instances: 0 } }), /spec\.instances is not valid/);
  refused(() => checkStart({ spec: { ...appSpec(), color: 'red' } }), /spec\.color is not known/);
  refused(() => checkStart({ spec: { ...appSpec(), name: '../x' } }), /spec\.name/);
  refused(() => checkStart({ spec: { ...appSpec(), ready: { kind: 'http', path: 'x' } } }), /spec\.ready/);
  const { cwd: _, ...rest } = appSpec();
  refused(() => checkStart({ spec: rest }), /spec\.cwd is missing/);
  refused(() => checkStart([]), /not an object/);
});

test('operations', () => {
  const reload = {
    verb: 'reload',
    targets: ['api'],
    parallel: 2,
    patch: { instances: 3, restart: { auto: false } },
  };
  assert.deepEqual(checkOperation(reload), reload);
  refused(() => checkOperation({ verb: 'explode', targets: ['api'] }), /verb/);
  refused(() => checkOperation({ verb: 'stop', targets: [] }), /targets/);
  refused(() => checkOperation({ verb: 'scale', targets: ['api'] }), /to is missing/);
  refused(
    () => checkOperation({ verb: 'reload', targets: ['api'], patch: { name: 'other' } }),
    /patch\.name is not known/,
  );
  refused(() => checkOperation({ verb: 'reload', targets: ['api'], parallel: 0 }), /parallel/);
  refused(() => checkSignal({ targets: ['api'] }), /signal/);
});

test('apply', () => {
  const request = {
    apps: [{ spec: appSpec(), autostart: true }],
    stop: { source: '/srv/skein.config.ts' },
    atLeast: null,
    dryRun: false,
  };
  assert.deepEqual(checkApply(request), request);
  assert.deepEqual(checkApply({ ...request, apps: [], stop: 'none', parallel: 2, updateEnv: true }).apps, []);
  const [app] = request.apps;
  refused(() => checkApply({ ...request, apps: [app, app] }), /two of its apps are named api/);
  refused(() => checkApply({ ...request, apps: [{ ...app, autostart: 1 }] }), /apps\[0\]\.autostart/);
  refused(
    () => checkApply({ ...request, apps: [{ spec: appSpec({ cwd: '' }), autostart: true }] }),
    /apps\[0\]\.spec\.cwd/,
  );
  refused(() => checkApply({ ...request, stop: 'some' }), /apply\.stop/);
  refused(() => checkApply({ ...request, atLeast: 'stop' }), /apply\.atLeast/);
  refused(() => checkApply({ ...request, parallel: 0 }), /apply\.parallel/);
  refused(() => checkApply({ ...request, force: true }), /apply\.force is not known/);
  const { dryRun: _, ...rest } = request;
  refused(() => checkApply(rest), /apply\.dryRun is missing/);
});

test('whatever is sent, the answer is a request or E_BAD_REQUEST', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const check of [checkStart, checkOperation, checkSignal, checkApply]) {
        try {
          check(value);
        } catch (error) {
          assert.ok(error instanceof SkeinError, String(error));
        }
      }
    }),
  );
});
