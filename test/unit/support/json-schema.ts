/** As much of JSON Schema as scripts/docs-config.ts writes, so that the schema can be tried on values. */
import type { JsonSchema } from '../../../src/config/field.ts';

type Root = JsonSchema & { readonly definitions?: Readonly<Record<string, JsonSchema>> };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOfType = (value: unknown, type: string): boolean => {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
};

const propertyPasses = (schema: JsonSchema, root: Root, name: string, value: unknown): boolean => {
  const own = schema.properties?.[name];
  if (own !== undefined) return passes(own, value, root);
  const byPattern = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) =>
    new RegExp(pattern, 'u').test(name),
  );
  if (byPattern.length > 0) return byPattern.every(([, one]) => passes(one, value, root));
  const rest = schema.additionalProperties ?? true;
  return typeof rest === 'boolean' ? rest : passes(rest, value, root);
};

/** Whether `value` is what `schema` describes. */
export const passes = (schema: JsonSchema, value: unknown, root: Root = schema): boolean => {
  const { $ref, type, items, anyOf, pattern, minimum, maximum, required = [] } = schema;
  const target = $ref === undefined ? undefined : root.definitions?.[$ref.replace('#/definitions/', '')];
  if ($ref !== undefined && (target === undefined || !passes(target, value, root))) return false;
  if (type !== undefined && ![type].flat().some((one) => isOfType(value, one))) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (anyOf !== undefined && !anyOf.some((one) => passes(one, value, root))) return false;
  if (typeof value === 'string') return pattern === undefined || new RegExp(pattern, 'u').test(value);
  if (typeof value === 'number') return value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity);
  if (Array.isArray(value)) return items === undefined || value.every((item) => passes(items, item, root));
  if (!isObject(value)) return true;
  return (
    required.every((name) => name in value) &&
    Object.entries(value).every(([name, own]) => propertyPasses(schema, root, name, own))
  );
};
