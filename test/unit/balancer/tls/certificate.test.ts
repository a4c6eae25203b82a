import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateError, loadCertificate } from '../../../../src/balancer/tls/certificate.ts';
import { CertificateStore } from '../../../../src/balancer/tls/certificate-store.ts';
import { certificate } from '../../../support/live-balancer.ts';
import { until } from '../../../support/wait.ts';

const directory = mkdtempSync(join(tmpdir(), 'sb-'));

const refusal = (cert: string, key: string): string => {
  try {
    loadCertificate({ cert, key }, undefined);
  } catch (error) {
    assert.ok(error instanceof CertificateError);
    return error.message;
  }
  return 'passed';
};

test('a certificate says for which names it is', () => {
  assert.deepEqual(loadCertificate(certificate('a'), undefined).names, ['a.test', '*.a.test']);
});

test('one that cannot be used is refused with the path and what is wrong', () => {
  const { cert, key } = certificate('a');
  const none = join(directory, 'none.pem');
  const rubbish = join(directory, 'rubbish.pem');
  writeFileSync(rubbish, 'rubbish');
  assert.equal(refusal(none, key), `${none} cannot be read (ENOENT)`);
  assert.equal(refusal(rubbish, key), `${rubbish} has no certificate in PEM`);
  assert.equal(refusal(cert, rubbish), `${rubbish} has no private key without a passphrase in PEM`);
  const other = certificate('b').key;
  assert.equal(refusal(cert, other), `${other} is not the key of the certificate in ${cert}`);
  const expired = certificate('expired');
  assert.equal(
    refusal(expired.cert, expired.key),
    `the certificate in ${expired.cert} has expired on 2020-02-01T00:00:00.000Z`,
  );
  assert.throws(
    () => loadCertificate({ cert, key }, undefined, Date.UTC(2000, 0)),
    /is valid only from 20\d\d-/,
  );
});

test('the same files stay what they are, however late it is', () => {
  const loaded = loadCertificate(certificate('a'), undefined);
  assert.equal(loadCertificate(certificate('a'), loaded, Date.UTC(2500, 0)), loaded);
});

test('a file that changes is served, one that is no good leaves what was there', async () => {
  const paths = { cert: join(directory, 'x.crt'), key: join(directory, 'x.key') };
  const put = (cert: string, key: string): void => {
    copyFileSync(certificate(cert).cert, paths.cert);
    copyFileSync(certificate(key).key, paths.key);
  };
  put('a', 'a');
  let changes = 0;
  const refused: string[] = [];
  const store = new CertificateStore({
    onChange: () => (changes += 1),
    onRefused: (reason) => refused.push(reason),
    pollMs: 20,
  });
  store.keep([{ paths, certificate: store.load(paths) }]);
  put('b', 'a');
  await until('the refusal', () => refused.some((reason) => reason.includes('is not the key')));
  assert.equal(store.served(paths)?.names[0], 'a.test');
  put('expired', 'expired');
  await until('the refusal', () => refused.some((reason) => reason.includes('has expired')));
  assert.equal(store.served(paths)?.names[0], 'a.test');
  assert.equal(changes, 0);
  put('b', 'b');
  await until('the change', () => changes > 0);
  assert.equal(store.served(paths)?.names[0], 'b.test');
  store.close();
  assert.equal(store.served(paths), undefined);
});

test('a chain that OpenSSL does not take is refused when it is loaded, not when it is served', () => {
  const cert = join(directory, 'chain.crt');
  copyFileSync(certificate('a').cert, cert);
  appendFileSync(cert, '-----BEGIN CERTIFICATE-----\nTm9wZQ==\n-----END CERTIFICATE-----\n');
  assert.match(refusal(cert, certificate('a').key), /^the certificates in .*chain\.crt cannot be used: /);
});

test('what has changed between the load and the first look at the files is served', async () => {
  const paths = { cert: join(directory, 'y.crt'), key: join(directory, 'y.key') };
  const put = (name: string): void => {
    copyFileSync(certificate(name).cert, paths.cert);
    copyFileSync(certificate(name).key, paths.key);
  };
  put('a');
  const store = new CertificateStore({ onChange: () => {}, onRefused: () => {}, pollMs: 20 });
  const loaded = store.load(paths);
  put('b');
  store.keep([{ paths, certificate: loaded }]);
  await until('the change', () => store.served(paths)?.names[0] === 'b.test');
  store.close();
});
