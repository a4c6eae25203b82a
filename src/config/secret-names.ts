/**
 * Which variables hold secrets, from their names and, for connection strings and keys in PEM form,
 * from their values. What this says is not written to disk.
 *
 * A wrong yes costs the value after a reboot, a wrong no leaves a secret in a file; so the names
 * are read word by word: PASSWORD_FILE, TOKEN_TTL and KEYCLOAK_URL hold none.
 */

/** Secret wherever they stand in a name. */
const SECRET_ANYWHERE =
  /^(secrets?|tokens?|passwords?|passwd|passphrases?|credentials?|creds?|jwt|apikeys?)$/;

/** Secret as the last word: AUTH_URL, KEY_PREFIX and COOKIE_DOMAIN are settings. */
const SECRET_AT_THE_END = /^(pass|pwd|pw|keys?|auth|dsn|cookies?|salt|pepper|otp|pin|pat)$/;

/** Several in one: PGPASSWORD, AUTHTOKEN, SECRETKEY, DBPASS. */
const SECRET_ENDING =
  /(password|passwd|passphrase|secret|token|credentials?|(api|secret|private|access|auth|signing|encryption|master|license|account|storage)keys?)$/;

const PASS_ENDING = /^(?!by|com|sur|tres|over|under)\w+pass$/;

/** What stands behind a secret's name when only something about it is meant. */
const ABOUT_A_SECRET =
  /^(file|files|path|dir|url|uri|endpoint|host|port|name|names|domain|id|ids|ttl|age|expiry|expires|expiration|timeout|interval|length|size|limit|limits|max|min|type|sock|socket|enabled|disabled|count|mode|method|algorithm|alg|header|headers|issuer|audience|provider|region|version|rounds|policy|prefix|suffix|format|encoding)$/;

/** A shell's own. */
const NO_SECRETS = new Set(['PWD', 'OLDPWD']);

/** `apiKey2` and `API_KEY_2` as [api, key]. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter((word) => word !== '' && word !== 'v');

const isSecretName = (name: string): boolean => {
  if (NO_SECRETS.has(name)) return false;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (ABOUT_A_SECRET.test(last)) return false;
  // A public key is there to be known, whatever it is called.
  if (words.includes('public') || words.includes('publishable')) return false;
  if (SECRET_AT_THE_END.test(last) || PASS_ENDING.test(last)) return true;
  return words.some(
    (word, nth) =>
      SECRET_ANYWHERE.test(word) ||
      SECRET_ENDING.test(word) ||
      // API_KEY_PROD, PRIVATE_KEY_PEM
      (word === 'key' &&
        /^(api|private|secret|access|encryption|signing|master)$/.test(words[nth - 1] ?? '')),
  );
};

/** `scheme://user:password@host`, also in the middle of a longer text. */
const PASSWORD_IN_URL = /\b[a-z][a-z\d+.-]*:\/\/[^\s/?#:@]*:[^\s/?#@]+@/i;

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Whether the value of this variable is a secret. An empty one is none. */
export const isSecret = (name: string, value: string): boolean =>
  value !== '' && (isSecretName(name) || PASSWORD_IN_URL.test(value) || PRIVATE_KEY.test(value));
