import { Type, type TObject } from 'typebox';
import { oneOf, strict } from '../schema/fields.js';
import type { JsonObject } from '../schema/json.js';

/** The schema of a name out of a table: one of its keys, each with its description. */
export const nameOf = <Name extends string>(table: Readonly<Record<Name, { description: string }>>, text = '') => {
  const names = Object.keys(table) as Name[]; // a table has no keys but its names
  const described = names.map((name) => `\`${name}\`: ${table[name].description}`);
  return oneOf(names, { description: [...described, ...(text === '' ? [] : [text])].join('. ') });
};

/** Names as the documents show them. */
export const describedNames = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** The schemas of what a table has, as requests may write it: a name alone, or an object of a name and arguments. */
export const shortAndLongForms = <Name extends string>(
  kind: string,
  table: Readonly<Record<Name, { description: string; arguments: TObject }>>,
) => [
  nameOf(table),
  ...Object.entries<{ description: string; arguments: TObject }>(table).map(
    ([name, { arguments: args, description }]) =>
      strict({ name: Type.Literal(name), ...args.properties }, { title: `${kind}_${name}`, description }),
  ),
];

/** The shortest that says the same: a name alone where there are no arguments. */
export const shortest = <Name extends string>(name: Name, args: JsonObject): Name | ({ name: Name } & JsonObject) =>
  Object.keys(args).length === 0 ? name : { name, ...args };
