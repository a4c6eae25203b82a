/**
 * A claim of a JWT whose signature nobody checks: good for choosing who serves, never for believing
 * anything. The app checks the token as if there were no balancer.
 */

/** Larger tokens are not read: it would cost more than the request. */
const LARGEST = 8192;

const plain = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return '';
  }
};

/** `value`: of the header, `Bearer ` before it or not. '' when there is no such claim, or none that is plain. */
export const jwtClaim = (value: string, claim: string): string => {
  if (value.length > LARGEST) return '';
  const token = /^bearer +/i.test(value) ? value.slice(value.indexOf(' ')).trim() : value.trim();
  const [, payload, signature, ...more] = token.split('.', 4);
  if (payload === undefined || signature === undefined || more.length > 0) return '';
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null || !Object.hasOwn(claims, claim)) return '';
    return plain((claims as Record<string, unknown>)[claim]);
  } catch {
    return '';
  }
};
