/** What the documentation says of a schema: the type of a value, its range, its default. */

/** What a TypeBox schema holds of JSON Schema, as far as the documentation shows it. */
export interface JsonSchema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** What stands in place of a schema that has a section of its own, by the schema's title. */
export type Links = ReadonlyMap<string, { one: string; many: string }>;

/** A value as code: text bare, everything else as JSON. */
export const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** The type of a value with its range: `integer ≥ 1`, `list of numbers in [0, 1)`. */
export function typeText(schema: JsonSchema, links: Links = new Map(), many = false): string {
  const link = links.get(schema.title ?? '');
  if (link) return many ? link.many : link.one;
  const words = schema.enum ?? ('const' in schema ? [schema.const] : []);
  if (words.length > 0) return words.map(code).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map((each) => typeText(each, links, many)))].join(' or ');
  if (schema.type === undefined) return 'any JSON';
  const noun = many ? `${schema.type === 'array' ? 'list' : schema.type}s` : schema.type.replace('array', 'list');
  if (schema.properties) return `${noun} with ${fieldsText(schema.properties, links)}`;
  if (schema.items) return `${noun} of ${lengthText(schema)}${typeText(schema.items, links, true)}`;
  return `${noun}${rangeText(schema)}`;
}

/** The names of an object's fields, and what each is where all are the same. */
function fieldsText(properties: Readonly<Record<string, JsonSchema>>, links: Links): string {
  const names = Object.keys(properties);
  const listed = names.map(code).join(', ');
  const [type, ...others] = new Set(Object.values(properties).map((field) => typeText(field, links)));
  return names.length > 1 && others.length === 0 ? `${listed}, each: ${type}` : listed;
}

function lengthText({ minItems = 0, maxItems }: JsonSchema): string {
  if (maxItems === undefined) return '';
  return minItems === maxItems ? `${maxItems} ` : `${minItems} to ${maxItems} `;
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const low = exclusiveMinimum ?? minimum;
  // What a float64 can count to is no bound that anyone meets.
  const high = exclusiveMaximum ?? (maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum);
  if (low !== undefined && high !== undefined)
    return ` in ${exclusiveMinimum === undefined ? '[' : '('}${low}, ${high}${exclusiveMaximum === undefined ? ']' : ')'}`;
  if (low !== undefined) return ` ${exclusiveMinimum === undefined ? '≥' : '>'} ${low}`;
  return high === undefined ? '' : ` ${exclusiveMaximum === undefined ? '≤' : '<'} ${high}`;
}
