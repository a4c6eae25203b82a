/** What values may be, for requests that come over the control socket. */

export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === 'string' && !value.includes('\0');
export const filled: Check = (value) => text(value) && value !== '';
export const count: Check = (value) => Number.isInteger(value) && (value as number) > 0;
/** From 0 on. */
export const whole: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
export const duration: Check = (value) => typeof value === 'number' && value >= 0 && value <= 2 ** 31 - 1;
export const flag: Check = (value) => typeof value === 'boolean';
export const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
export const oneOf =
  (...known: readonly string[]): Check =>
  (value) =>
    known.includes(value as string);
export const fields: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
/** An object whose values are all alike, whatever their names. */
export const record =
  (check: Check): Check =>
  (value) =>
    fields(value) && Object.values(value as Fields).every(check);

/** These fields, all of them and no others. */
export const object =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    fields(value) && all(value as Fields, checks) && known(value as Fields, checks);

/** Some of these fields and no others. */
export const some =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    fields(value) &&
    Object.entries(value as Fields).every(
      ([name, own]) => Object.hasOwn(checks, name) && checks[name]?.(own),
    );

export const all = (value: Fields, checks: Readonly<Record<string, Check>>): boolean =>
  Object.entries(checks).every(([name, check]) => check(value[name]));

const known = (value: Fields, checks: Readonly<Record<string, Check>>): boolean =>
  Object.keys(value).every((name) => Object.hasOwn(checks, name));

/** An object that is one of several, told apart by a field. */
export const variant =
  (by: string, variants: Readonly<Record<string, Readonly<Record<string, Check>>>>): Check =>
  (value) => {
    const name = fields(value) ? (value as Fields)[by] : undefined;
    if (typeof name !== 'string' || !Object.hasOwn(variants, name)) return false;
    return object({ [by]: text, ...variants[name] })(value);
  };
