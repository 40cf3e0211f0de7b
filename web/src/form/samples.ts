/** What to type to send the same job without this page. */
import { isObject } from './value.js';
import type { Json } from './schema.js';

/** A command for a POSIX shell. */
export function curl(spec: Json, url: string): string {
  return `curl -s ${quote(`${url}/jobs`)} -H 'content-type: application/json' -d ${quote(JSON.stringify(spec, null, 2))}`;
}

/** Single quotes keep all but themselves. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A TypeScript module that posts the job and follows it to its end. */
export function typescript(spec: Json, url: string): string {
  return `import { Onecycle } from 'onecycle/client';

const client = new Onecycle({ url: ${literal(url)} });
const job = await client.jobs.create(${literal(spec)});
for await (const frame of job.stream()) if (frame.type === 'epoch') console.log(frame);
console.log((await job.done()).result);
`;
}

/** A value as a literal of TypeScript, as a formatter would write it. */
function literal(value: Json, indent = ''): string {
  const inner = `${indent}  `;
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  const items = itemsOf(value, inner);
  if (items === undefined) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const pad = open === '{' ? ' ' : '';
  const line = items.length === 0 ? open + close : `${open}${pad}${items.join(', ')}${pad}${close}`;
  if (indent !== '' && line.length + indent.length < 100 && !line.includes('\n')) return line;
  return items.length === 0 ? line : `${open}\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}${close}`;
}

function itemsOf(value: Json, inner: string): string[] | undefined {
  if (Array.isArray(value)) return value.map((one: Json) => literal(one, inner));
  if (!isObject(value)) return undefined;
  return Object.entries(value).map(([key, one]) => `${keyText(key)}: ${literal(one, inner)}`);
}

/** `__proto__` would set the prototype, in quotes too. */
function keyText(key: string): string {
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key);
}
