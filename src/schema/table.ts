/** Markdown tables of what schemas say: the documents' tables are made here, so that no argument is described twice. */
import type { TSchema } from 'typebox';

interface Described {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Described[];
  items?: Described;
  properties?: Record<string, Described>;
  required?: string[];
  title?: string;
  description?: string;
  default?: unknown;
}

/**
 * A table with a row per field of an object's schema: name, type, default and meaning.
 * @param leaveOut names that tell which object it is (`name`, `type`), or that every object has
 * @returns lines of Markdown; a sentence where there is no field
 */
export function fieldTable(schema: TSchema, leaveOut: readonly string[] = []): string {
  const { properties = {}, required = [] } = schema as Described;
  const rows = Object.entries(properties).flatMap(([name, field]) =>
    leaveOut.includes(name)
      ? []
      : [[`\`${name}\``, typeInWords(field), standard(field, required.includes(name)), meaning(field)]],
  );
  return rows.length === 0 ? 'No arguments.' : table(['Argument', 'Type', 'Default', 'Meaning'], rows);
}

/** A table from a head and rows of cells. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

const standard = (field: Described, isRequired: boolean): string =>
  isRequired ? 'required' : field.default === undefined ? '' : code(field.default);

const meaning = ({ description = '' }: Described): string => description.replaceAll('\n', ' ');

/** A schema's type as a sentence says it: `number`, `list of integer`, `"same" or "valid" or integer`. */
function typeInWords(schema: Described): string {
  const words = schema.enum ?? ('const' in schema ? [schema.const] : []);
  if (words.length > 0) return words.map(code).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeInWords))].join(' or ');
  if (schema.type === 'array') return schema.items ? `list of ${typeInWords(schema.items)}` : 'list';
  if (schema.type === 'object') return `\`{${Object.keys(schema.properties ?? {}).join(', ')}}\``;
  return schema.type ?? 'anything';
}
