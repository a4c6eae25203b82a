/** Values of balancing: what can be written, what it becomes, and that what is shown can be written again. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNetwork, readUpstream, writeUpstream } from '../../../../src/config/balance/address.ts';
import { checkCertificate, readTls } from '../../../../src/config/balance/certificates.ts';
import { readKeySource, writeKeySource } from '../../../../src/config/balance/key-source.ts';
import { balanceWith, layBalance } from '../../../../src/config/balance/settle.ts';
import { readSplit } from '../../../../src/config/balance/split.ts';
import {
  readRate,
  readShare,
  readStatuses,
  readSticky,
  readWeights,
  writeRate,
  writeStatuses,
  writeSticky,
} from '../../../../src/config/balance/values.ts';
import { SkeinError } from '../../../../src/core/errors.ts';

const tls = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'tls');

const refused = (read: (place: string, value: unknown) => unknown, ...values: readonly unknown[]): void => {
  for (const value of values)
    assert.throws(() => read('place', value), { code: 'E_BAD_VALUE' }, JSON.stringify(value));
};

test('keys', () => {
  for (const text of [
    'header:x-user',
    'cookie:sid',
    'query:id',
    'address',
    'path:0',
    'jwt:sub',
    'jwt:sub:x-token',
  ])
    assert.equal(writeKeySource(readKeySource('place', text)), text);
  assert.deepEqual(readKeySource('place', 'header:X-User'), { from: 'header', name: 'x-user' });
  refused(
    readKeySource,
    '',
    'x',
    'header',
    'header:',
    'header:a b',
    'path:',
    'path:-1',
    'path:x',
    'jwt:',
    'jwt:a:b:c',
    'address:1',
    7,
    null,
    {},
  );
});

test('sessions', () => {
  for (const text of ['cookie', 'cookie:sid', 'header:x-s', 'address', 'none'])
    assert.equal(writeSticky(readSticky('place', text)), text);
  assert.deepEqual(readSticky('place', true), readSticky('place', 'cookie'));
  assert.equal(readSticky('place', false), null);
  refused(readSticky, 'sid', 'cookie:', 'cookie:a;b', 'header:', 3, {}, []);
});

test('rates', () => {
  assert.deepEqual(readRate('place', '600/m burst 50 by header:x-user'), {
    key: { from: 'header', name: 'x-user' },
    perSecond: 10,
    burst: 50,
  });
  assert.deepEqual(readRate('place', '0.5/s'), { key: { from: 'address' }, perSecond: 0.5, burst: 1 });
  assert.equal(readRate('place', 'none'), null);
  for (const text of ['100/s', '30/m burst 5', '7/s by cookie:a'])
    assert.deepEqual(readRate('place', writeRate(readRate('place', text))), readRate('place', text));
  refused(readRate, '', '10', '0/s', '10/d', '10/s burst 0', '10/s by nobody', 10, {}, '-1/s');
});

test('shares, weights and statuses', () => {
  assert.deepEqual([readShare('place', '20%'), readShare('place', 1), readShare('place', 0)], [0.2, 1, 0]);
  refused(readShare, -0.1, 1.1, '120%', 'x', null, Number.NaN);
  assert.deepEqual(readWeights('place', '5,1,0'), [5, 1, 0]);
  refused(readWeights, 'x', [-1], [1.5], [1001], [null], 5, {});
  assert.equal(writeStatuses(readStatuses('place', ['2xx', 304, '400-404'])), '200-299,304,400-404');
  assert.deepEqual(readStatuses('place', '200, 204'), [
    [200, 200],
    [204, 204],
  ]);
  refused(readStatuses, '', '99', '6xx', '300-200', 'ok', [null], {});
});

test('addresses of upstreams', () => {
  const cases = [
    ['http://10.0.0.7:3000', 'http://10.0.0.7:3000'],
    ['HTTP://Example.com/', 'http://example.com:80'],
    ['https://[2001:DB8::1]', 'https://[2001:db8::1]:443'],
    ['https+insecure://a:8443', 'https+insecure://a:8443'],
    ['unix:/run/a.sock', 'unix:/run/a.sock'],
  ];
  for (const [written, shown] of cases) {
    assert.equal(writeUpstream(readUpstream('place', written)), shown);
    assert.deepEqual(readUpstream('place', shown), readUpstream('place', written));
  }
  refused(
    readUpstream,
    'a:80',
    '10.0.0.7',
    'ftp://a',
    'http://',
    'http://a:0',
    'http://a:65536',
    'http://a b',
    'http://a?x',
    'http://-a',
    'http://[::g]',
    'http+insecure://a',
    'unix:a',
    3000,
    null,
  );
});

test('networks', () => {
  for (const text of ['10.0.0.0/8', '::1', 'fd00::/8', '127.0.0.1'])
    assert.equal(readNetwork('place', text), text);
  refused(
    readNetwork,
    '10.0.0.0/33',
    '10.0.0/8',
    '::1/129',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '',
    '*',
    7,
  );
});

test('splitting', () => {
  const groups = { eu: '0-1,3', us: [2, '10.0.0.7:80'] };
  assert.deepEqual(
    readSplit('place', { key: 'jwt:org', groups, table: { acme: 'eu' }, fallback: 'us' }, '/'),
    {
      key: { from: 'jwt', claim: 'org', header: 'authorization' },
      groups: { eu: [0, 1, 3], us: [2, '10.0.0.7:80'] },
      by: { kind: 'table', table: { acme: 'eu' } },
      fallback: 'us',
    },
  );
  assert.deepEqual(readSplit('place', { key: 'path:0', groups }, '/')?.by, { kind: 'hash' });
  assert.deepEqual(readSplit('place', { key: 'path:0', groups, state: 's:' }, '/')?.by, {
    kind: 'state',
    prefix: 's:',
  });
  const file = import.meta.filename;
  assert.deepEqual(readSplit('place', { key: 'path:0', groups, function: file }, '/')?.by, {
    kind: 'function',
    module: file,
  });
  refused(
    (place, value) => readSplit(place, value, '/'),
    7,
    {},
    { key: 'path:0' },
    { key: 'path:0', groups: {} },
    { key: 'x', groups },
    { key: 'path:0', groups, table: { a: 'asia' } },
    { key: 'path:0', groups, fallback: 'asia' },
    { key: 'path:0', groups, table: {}, hash: true },
    { key: 'path:0', groups, function: './not-there.js' },
    { key: 'path:0', groups, tabel: {} },
  );
});

test('certificates: what is wrong with files, and with which', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sk-cert-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const cert = join(tls, 'cert.pem');
  const key = join(tls, 'key.pem');
  const otherKey = join(dir, 'other.pem');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(otherKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.deepEqual(readTls('--tls', [{ cert: 'cert.pem', key: 'key.pem' }], tls), {
    certificates: [{ cert, key }],
    minVersion: 'TLSv1.2',
    http2: true,
  });
  refused(
    (place, value) => readTls(place, value, tls),
    'x',
    {},
    [],
    { cert: 'a' },
    [{ cert: 'a' }],
    { cert: 'a', key: 'b', minVersion: 'SSLv3' },
    { cert: 'a', key: 'b', http: 2 },
  );
  checkCertificate('--tls', { cert, key });
  const cases: readonly (readonly [Parameters<typeof checkCertificate>[1], RegExp, number?])[] = [
    [{ cert: join(dir, 'none.pem'), key }, /none\.pem is not there/],
    [{ cert, key: join(dir, 'none.pem') }, /none\.pem is not there/],
    [{ cert: dir, key }, /cannot be read \(EISDIR\)/],
    [{ cert: key, key }, /key\.pem is no certificate in PEM/],
    [{ cert, key: cert }, /cert\.pem is no private key/],
    [{ cert, key: otherKey }, /does not belong to the key .*other\.pem/],
    [{ cert, key }, /expired on /, Date.UTC(9000, 1)],
    [{ cert, key }, /is not valid before /, 0],
  ];
  for (const [pair, reason, now] of cases)
    assert.throws(
      () => checkCertificate('--tls-cert', pair, now),
      (error) =>
        error instanceof SkeinError &&
        error.code === 'E_CERTIFICATE' &&
        reason.test(error.message) &&
        error.message.startsWith('--tls-cert: '),
      String(reason),
    );
});

test('a patch says what changes, the rest stays', () => {
  const first = balanceWith(null, { pool: { policy: { by: { from: 'address' } }, queue: { size: 3 } } });
  assert.deepEqual(first.pool.policy, { name: 'hash', by: { from: 'address' } });
  assert.equal(first.front?.workers, 1);
  const second = balanceWith(first, {
    pool: { queue: { timeoutMs: 9 }, activeHealth: { path: '/h' } },
    front: { limits: { connections: 5 } },
  });
  assert.deepEqual(second.pool.queue, { size: 3, timeoutMs: 9 });
  assert.equal(second.pool.policy.name, 'hash');
  assert.deepEqual([second.pool.activeHealth?.path, second.pool.activeHealth?.fall], ['/h', 3]);
  assert.deepEqual([second.front?.limits.connections, second.front?.limits.headerCount], [5, 100]);
  assert.deepEqual(
    balanceWith(second, { pool: { policy: { name: 'hash' } } }).pool.policy,
    first.pool.policy,
  );
  assert.deepEqual(
    balanceWith(second, { pool: { policy: { name: 'random' }, activeHealth: null } }).pool.activeHealth,
    null,
  );
  const hidden = balanceWith(second, { fronted: false, front: { trust: ['::1'] } });
  assert.equal(hidden.front, null);
  assert.equal(balanceWith(hidden, {}).front, null);
  assert.notEqual(balanceWith(hidden, { fronted: true }).front, null);
  const laid = layBalance(
    { pool: { retry: { tries: 3 } }, fronted: false },
    { pool: { retry: { idempotent: true } } },
  );
  assert.deepEqual(laid, { pool: { retry: { tries: 3, idempotent: true } }, fronted: false });
});
