import { oneOf } from '../schema/fields.js';

/** The schema of a name out of a table: one of its keys, each with its description. */
export const nameOf = <Name extends string>(table: Readonly<Record<Name, { description: string }>>, text = '') => {
  const names = Object.keys(table) as Name[]; // a table has no keys but its names
  const described = names.map((name) => `\`${name}\`: ${table[name].description}`);
  return oneOf(names, { description: [...described, ...(text === '' ? [] : [text])].join('. ') });
};

/** Names as the documents show them. */
export const describedNames = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
