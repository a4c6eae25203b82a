/** What can be written for settings of the same kind. */
import type { FieldType, JsonSchema } from './field.ts';

const type = (ts: string, schema: JsonSchema): FieldType => ({ ts, schema });

/** Where only the object form is left. */
export const onlyObject: FieldType = type('never', {});
export const text: FieldType = type('string', { type: 'string' });
export const flag: FieldType = type('boolean', { type: 'boolean' });
export const texts: FieldType = type('string | readonly string[]', {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
});
export const words: FieldType = type('string | readonly (string | number)[]', {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: ['string', 'number'] } }],
});
export const duration: FieldType = type('Duration', {
  anyOf: [
    { type: 'number', minimum: 0 },
    { type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?|\\.\\d+)\\s*([mM][sS]|[sSmMhHdD])?\\s*$' },
  ],
});
export const none: JsonSchema = { enum: ['none', 'off', null, false] };
const noneTs = "'none' | 'off' | null | false";
export const durationLimit: FieldType = type(`Duration | ${noneTs}`, {
  anyOf: [...(duration.schema.anyOf ?? []), none],
});
export const sizeLimit: FieldType = type(`Size | ${noneTs}`, {
  anyOf: [
    { type: 'number', minimum: 1 },
    { type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?|\\.\\d+)\\s*([kKmMgGtT][iI]?[bB]?|[bB])?\\s*$' },
    none,
  ],
});
export const size: FieldType = type('Size', { anyOf: (sizeLimit.schema.anyOf ?? []).slice(0, 2) });
export const share: FieldType = type('number | `${number}%`', {
  anyOf: [
    { type: 'number', minimum: 0, maximum: 1 },
    { type: 'string', pattern: '^\\s*\\d{1,3}(\\.\\d+)?\\s*%$' },
  ],
});
export const count: FieldType = type('number', { type: 'integer', minimum: 0 });
export const countLimit: FieldType = type(`number | ${noneTs}`, { anyOf: [count.schema, none] });
export const oneOf = (...choices: readonly string[]): FieldType =>
  type(choices.map((choice) => `'${choice}'`).join(' | '), { enum: choices });
export const variableName: FieldType = type('string', { type: 'string', pattern: '^[A-Za-z_]\\w*$' });
export const variables: FieldType = type('Variables', {
  type: 'object',
  additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
});
export const id: FieldType = type('string | number', {
  anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }],
});

/** One of several. */
export const either = (...types: readonly FieldType[]): FieldType =>
  type(types.map(({ ts }) => ts).join(' | '), { anyOf: types.map(({ schema }) => schema) });
