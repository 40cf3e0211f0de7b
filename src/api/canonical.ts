/** A JSON value as a text that is the same for every order of its fields: two bodies are the same body if these are. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return value.some(isObject) ? `[${value.map(canonical).join()}]` : JSON.stringify(value);
  if (!isObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join()}}`;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
