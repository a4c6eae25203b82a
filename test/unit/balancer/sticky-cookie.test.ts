import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stickyCookie } from '../../../src/balancer/sticky-cookie.ts';

const key = new Uint8Array(32).fill(7);
const cookie = stickyCookie({ name: 'skein', key });
const id = 'machine-1/app/2 at 10.0.0.1:3000';
const pair = (from = cookie, of = id): string => from.setCookie(of, false).split(';')[0] ?? '';
const tag = cookie.tagOf(id);

test('its attributes', () => {
  assert.match(cookie.setCookie(id, false), /^skein=[\w-]{16}\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  assert.match(cookie.setCookie(id, true), /; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
});

test('it tells nothing of the upstream', () => {
  assert.ok(!/10\.0|machine|app/.test(cookie.setCookie(id, true)));
  assert.notEqual(cookie.tagOf('a'), cookie.tagOf('b'));
});

test('another balancer with the same key understands it, one with another key or name does not', () => {
  assert.equal(stickyCookie({ name: 'skein', key }).read(pair()), tag);
  assert.equal(stickyCookie({ name: 'skein', key: new Uint8Array(32) }).read(pair()), undefined);
  assert.equal(stickyCookie({ name: 'other', key }).read(pair().replace('skein', 'other')), undefined);
});

const other = pair(cookie, 'another');
const otherTag = cookie.tagOf('another');
const forged = `skein=${tag}.${'A'.repeat(43)}`;
const cases: readonly (readonly [name: string, header: string | undefined, tag: string | undefined])[] = [
  ['no header', undefined, undefined],
  ['empty', '', undefined],
  ['alone', pair(), tag],
  ['among others', `a=b; ${pair()}; c=d`, tag],
  ['without spaces', `a=b;${pair()};c`, tag],
  ['with spaces', `a=b ;  ${pair()} ;`, tag],
  ['a comma separates nothing', `a=b, ${pair()}`, undefined],
  ['a comma is part of the value', `${pair()}, a=b`, undefined],
  ['first valid of two', `${other}; ${pair()}`, otherTag],
  ['a forged one before it', `${forged}; ${pair()}`, tag],
  ['forged', forged, undefined],
  ['a foreign value', 'skein=app.2', undefined],
  ['an empty value', 'skein=', undefined],
  ['in quotes', pair().replace(/=(.*)/, '="$1"'), undefined],
  ['another case of the name', pair().replace('skein', 'Skein'), undefined],
  ['a longer name', `x${pair()}`, undefined],
  ['a name that goes on', pair().replace('skein=', 'skein2='), undefined],
  [
    'the tag of one with the signature of another',
    `skein=${tag}${other.slice(other.indexOf('.'))}`,
    undefined,
  ],
  ['a value that goes on', `${pair()}A`, undefined],
  ['false ones in masses', `${`${forged}; `.repeat(200)}${pair()}`, undefined],
];
for (const [name, header, expected] of cases)
  test(name, () => {
    assert.equal(cookie.read(header), expected);
    // Also by one that has never seen a signature before.
    assert.equal(stickyCookie({ name: 'skein', key }).read(header), expected);
  });

test('no change of any character goes unnoticed', () => {
  const value = pair();
  for (let at = 'skein='.length; at < value.length; at += 1) {
    const changed = `${value.slice(0, at)}${value[at] === 'x' ? 'y' : 'x'}${value.slice(at + 1)}`;
    assert.equal(cookie.read(changed), undefined, changed);
  }
});

test('whatever is in the header, nothing is found that was not signed, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('skein=', ';', '.', tag))),
      (parts) => {
        assert.equal(cookie.read(parts.join('')), undefined);
      },
    ),
  );
});

const without: readonly (readonly [header: string, rest: string | undefined])[] = [
  ['a=b; c=d', 'a=b; c=d'],
  [pair(), undefined],
  [`${pair()}; a=b`, 'a=b'],
  [`a=b; ${pair()}; c=d`, 'a=b; c=d'],
  [`a=b; ${pair()}; ${other}`, 'a=b'],
  [`a=b; x${pair()}`, `a=b; x${pair()}`],
];
for (const [header, rest] of without)
  test(`the app is given ${rest === undefined ? 'nothing' : `\`${rest.slice(0, 20)}\``}`, () =>
    assert.equal(cookie.without(header), rest));
