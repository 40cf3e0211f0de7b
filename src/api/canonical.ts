import { isObject } from '../schema/json.js';

/** A JSON value as a text that is the same for every order of its fields: two bodies are the same body if these are. */
export function canonical(value: unknown): string {
  // Lists of numbers may be long, and have no order to bring about.
  if (Array.isArray(value)) return value.some(isNested) ? `[${value.map(canonical).join()}]` : JSON.stringify(value);
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join()}}`;
}

const isNested = (value: unknown): boolean => Array.isArray(value) || isObject(value);
