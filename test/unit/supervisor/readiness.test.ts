import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import type { HealthReport } from '../../../src/protocol/app-link.ts';
import type { ReadyCheck } from '../../../src/protocol/app-spec.ts';
import type { FromWorker, Listening, ToWorker } from '../../../src/protocol/worker.ts';
import type { Readiness } from '../../../src/supervisor/readiness.ts';
import { waitedFor, waitedForHealth, watchReadiness } from '../../../src/supervisor/readiness.ts';
import type { WorkerHandle } from '../../../src/supervisor/worker-handle.ts';
import { appSpec } from '../support/app-spec.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

const web: Listening = { key: 'k', address: ':3000', kind: 'http' };

interface Watched {
  readonly readiness: Readiness;
  readonly said: string[];
  readonly happened: string[];
  tell(message: FromWorker): void;
}

const watched = (ready: ReadyCheck, readyTimeoutMs = 1000, isServer = false): Watched => {
  const said: string[] = [];
  const happened: string[] = [];
  const worker = {
    spec: appSpec({ ready, readyTimeoutMs }),
    listening: [] as Listening[],
    declaredReady: false,
    health: null as HealthReport | null,
    send: ({ type }: ToWorker) => said.push(type),
  };
  const readiness = watchReadiness({
    worker: worker as unknown as WorkerHandle,
    isServer: () => isServer,
    onReady: () => happened.push('ready'),
    onTimeout: () => happened.push('timeout'),
  });
  return {
    readiness,
    said,
    happened,
    tell: (message) => {
      if (message.type === 'listening') worker.listening.push(message.listening);
      if (message.type === 'ready') worker.declaredReady = true;
      if (message.type === 'health') worker.health = message.health;
      readiness.heard(message);
    },
  };
};

const nowListening: FromWorker = { type: 'listening', listening: web };

describe('ready when it listens, or runs on without', () => {
  test('a server: as soon as it listens', () => {
    const { tell, happened } = watched({ kind: 'auto', afterMs: 300 });
    tell(nowListening);
    assert.deepEqual(happened, ['ready']);
    mock.timers.tick(5000);
    assert.deepEqual(happened, ['ready']);
  });

  test('no server: after the time, and the worker is told', () => {
    const { readiness, happened, said } = watched({ kind: 'auto', afterMs: 300 });
    readiness.spawned();
    mock.timers.tick(299);
    assert.deepEqual(happened, []);
    mock.timers.tick(1);
    assert.deepEqual(happened, ['ready']);
    assert.deepEqual(said, ['open']);
  });

  test('an app that listens already is a server: running alone is not enough', () => {
    const { readiness, happened, tell } = watched({ kind: 'auto', afterMs: 300 }, 1000, true);
    readiness.spawned();
    mock.timers.tick(999);
    assert.deepEqual(happened, []);
    tell(nowListening);
    assert.deepEqual(happened, ['ready']);
    const late = watched({ kind: 'auto', afterMs: 300 }, 1000, true);
    late.readiness.spawned();
    mock.timers.tick(1000);
    assert.deepEqual(late.happened, ['timeout']);
  });

  test('one that ends before is not ready', () => {
    const { readiness, happened } = watched({ kind: 'auto', afterMs: 300 });
    readiness.spawned();
    readiness.close();
    mock.timers.tick(5000);
    assert.deepEqual(happened, []);
  });
});

describe('ready when listening', () => {
  test('as soon as it listens, and it knows', () => {
    const { tell, happened, said } = watched({ kind: 'listening' });
    tell({ type: 'ready' });
    assert.deepEqual(happened, []);
    tell(nowListening);
    assert.deepEqual(happened, ['ready']);
    assert.deepEqual(said, ['open']);
    mock.timers.tick(5000);
    assert.deepEqual(happened, ['ready'], 'no timeout afterwards');
  });
});

describe('ready by message', () => {
  test('opens the gate, once', () => {
    const { tell, happened, said } = watched({ kind: 'message' });
    tell(nowListening);
    tell({ type: 'ready' });
    tell({ type: 'ready' });
    assert.deepEqual([happened, said], [['ready'], ['open']]);
  });

  test('a blocked worker runs into the timeout; what it says later changes nothing', () => {
    const { tell, happened } = watched({ kind: 'message' });
    mock.timers.tick(1000);
    tell({ type: 'ready' });
    assert.deepEqual(happened, ['timeout']);
  });
});

describe('ready by probe', () => {
  test('asks again until the answer is 2xx or 3xx', () => {
    const { tell, happened, said } = watched({ kind: 'http', path: '/' });
    tell(nowListening);
    for (const status of [null, 500, 404]) {
      tell({ type: 'probed', status });
      mock.timers.tick(200);
    }
    assert.deepEqual(happened, []);
    tell({ type: 'probed', status: 302 });
    assert.deepEqual(happened, ['ready']);
    assert.deepEqual(said, ['probe', 'probe', 'probe', 'probe', 'open']);
  });

  test('a server that does not speak HTTP is not probed', () => {
    const { tell, said } = watched({ kind: 'http', path: '/' });
    tell({ type: 'listening', listening: { ...web, kind: 'net' } });
    assert.deepEqual(said, []);
  });

  test('asks anew on a new connection, whose probe nobody would answer', () => {
    const { tell, said } = watched({ kind: 'http', path: '/' });
    tell(nowListening);
    tell({ type: 'hello' } as FromWorker);
    assert.deepEqual(said, ['probe', 'probe']);
  });
});

test('started: after half a second of life', () => {
  const { readiness, happened } = watched({ kind: 'started' });
  readiness.spawned();
  mock.timers.tick(499);
  assert.deepEqual(happened, []);
  mock.timers.tick(1);
  assert.deepEqual(happened, ['ready']);
});

test('closed: nothing happens any more', () => {
  const { readiness, happened, tell } = watched({ kind: 'listening' });
  readiness.close();
  tell(nowListening);
  mock.timers.tick(10_000);
  assert.deepEqual(happened, []);
});

test('what was waited for is said for each check', () => {
  const texts = (['listening', 'message', 'started'] as const).map(
    (kind) => waitedFor({ kind }, null).waited,
  );
  assert.equal(new Set(texts).size, 3);
  const http: ReadyCheck = { kind: 'http', path: '/health' };
  assert.equal(waitedFor(http, 'answered 500').waited, 'GET /health answered 500');
  assert.equal(waitedFor(http, null).waited, 'it did not listen on any address');
});

describe("the app's health checks", () => {
  const reports = (status: HealthReport['status']): FromWorker => ({
    type: 'health',
    health: { status, checks: [{ name: 'database', ok: status === 'healthy', reason: 'refused', ms: 1 }] },
  });

  for (const [kind, enough] of [
    ['listening', nowListening],
    ['message', { type: 'ready' }],
  ] as const)
    test(`${kind}: it is ready when they pass as well`, () => {
      const { tell, happened, said, readiness } = watched({ kind });
      tell(reports('unknown'));
      tell(enough);
      tell(reports('unhealthy'));
      assert.deepEqual([happened, said, readiness.passed], [[], [], true]);
      tell(reports('healthy'));
      assert.deepEqual([happened, said], [['ready'], ['open']]);
    });

  test('those that pass first wait for the rest', () => {
    const { tell, happened, readiness } = watched({ kind: 'listening' });
    tell(reports('healthy'));
    assert.deepEqual([happened, readiness.passed], [[], false]);
    tell(nowListening);
    assert.deepEqual(happened, ['ready']);
  });

  test('one that only has to live waits for them too, and not for ever', () => {
    const { tell, happened, readiness } = watched({ kind: 'started' });
    readiness.spawned();
    tell(reports('unhealthy'));
    mock.timers.tick(999);
    assert.deepEqual(happened, []);
    mock.timers.tick(1);
    assert.deepEqual(happened, ['timeout']);
    tell(reports('healthy'));
    assert.deepEqual(happened, ['timeout']);
  });

  test('what it waits for names the check and the reason', () => {
    const { waited } = waitedForHealth((reports('unhealthy') as { health: HealthReport }).health);
    assert.equal(waited, 'its health check failed (database: refused)');
  });
});
