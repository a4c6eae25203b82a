import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecret } from '../../../src/config/secret-names.ts';

const secret = `
  SECRET JWT_SECRET COOKIE_SECRET SECRET_KEY_BASE clientSecret TOKEN GITHUB_TOKEN NPM_TOKEN_2 authToken
  npm_config__authToken SLACK_TOKEN_PROD PASSWORD DB_PASSWORD PGPASSWORD MYSQL_ROOT_PASSWORD
  PASSWORD_OLD dbPassword DB_PASSWD SSH_PASSPHRASE DB_PASS SMTP_PASS DBPASS MYSQL_PWD REDIS_PW
  KEY API_KEY APIKEY apiKey API_KEY_2 API_KEY_V2 API_KEY_PROD STRIPE_KEY PRIVATE_KEY PRIVATE_KEY_PEM
  AWS_SECRET_ACCESS_KEY ENCRYPTION_KEY SIGNINGKEY SSH_KEYS CREDENTIAL GOOGLE_CREDENTIALS DB_CREDS
  AUTH BASIC_AUTH REDIS_AUTH SENTRY_DSN DSN COOKIE SESSION_COOKIE PASSWORD_SALT GITHUB_PAT JWT
`;

const plain = `
  PWD OLDPWD INIT_CWD PATH HOME PORT HOST NODE_ENV LANG USER DEBUG DATABASE_URL REDIS_URL
  PASSWORD_FILE SECRET_PATH TOKEN_URL TOKEN_TTL TOKEN_EXPIRES ACCESS_TOKEN_LIFETIME_TIMEOUT
  KEYCLOAK_URL KEYBOARD KEY_FILE KEY_PREFIX PRIVATE_KEY_FILE API_KEY_HEADER AWS_ACCESS_KEY_ID MONKEY
  TURKEY BYPASS COMPASS PASSENGER PASS_THROUGH PASSPORT_STRATEGY AUTH_URL AUTH_PORT AUTH0_DOMAIN
  AUTHOR XAUTHORITY SSH_AUTH_SOCK COOKIE_DOMAIN COOKIE_NAME COOKIE_MAX_AGE PUBLIC_KEY STRIPE_PUBLIC_KEY
  STRIPE_PUBLISHABLE_KEY TOKENIZER SECRETARY_NAME DBUS_SESSION_BUS_ADDRESS SHELL TERM
`;

const names = (table: string): string[] => table.trim().split(/\s+/);

for (const name of names(secret)) test(`${name} is a secret`, () => assert.ok(isSecret(name, 'x')));

for (const name of names(plain)) test(`${name} is none`, () => assert.ok(!isSecret(name, 'x')));

for (const [value, expected] of [
  ['postgres://app:hunter2@db:5432/app', true],
  ['mongodb+srv://app:hunter2@cluster.example/app?x=1', true],
  ['redis://:hunter2@cache:6379', true],
  ['primary=postgres://a:b@c;pool=5', true],
  ['-----BEGIN PRIVATE KEY-----\nMIIE', true],
  ['{"key":"-----BEGIN RSA PRIVATE KEY-----"}', true],
  ['-----BEGIN CERTIFICATE-----\nMIID', false],
  ['postgres://db:5432/app', false],
  ['postgres://app@db/app', false],
  ['https://example.com/@scope/a:b@1.0.0', false],
  ['http://[::1]:3000', false],
  ['', false],
] as const)
  test(`under any name, ${JSON.stringify(value)} ${expected ? 'is a secret' : 'is none'}`, () => {
    assert.equal(isSecret('DATABASE_URL', value), expected);
  });

test('nothing is no secret', () => assert.ok(!isSecret('PASSWORD', '')));
