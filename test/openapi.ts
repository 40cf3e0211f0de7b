/**
 * Holds what the API says to openapi.yaml: an answer whose status, content type or field is not documented fails the
 * test. Objects count as closed here, unless their schema says `additionalProperties: true`.
 */
import assert from 'node:assert/strict';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { child, follow, isObject } from '../src/schema/json.js';

const document = closed(parsed()) as {
  paths: Record<string, Record<string, unknown>>;
};

/** openapi.yaml, as JSON beside this file from the first time on: its YAML takes half a second, in each file of tests. */
function parsed(): unknown {
  const text = fileURLToPath(new URL('../../openapi.yaml', import.meta.url));
  const kept = fileURLToPath(new URL('openapi.json', import.meta.url));
  if ((statSync(kept, { throwIfNoEntry: false })?.mtimeMs ?? 0) > statSync(text).mtimeMs)
    return JSON.parse(readFileSync(kept, 'utf8'));
  const value: unknown = parse(readFileSync(text, 'utf8'));
  // Other files of tests may read it at this moment.
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(value));
  renameSync(`${kept}.${process.pid}`, kept);
  return value;
}

/** What is served beside the API that openapi.yaml describes. */
const undocumented = /^\/(openapi\.(yaml|json)|asyncapi\.yaml|docs(\/.*)?)$/;

const ajv = new Ajv2020({
  // The rest of an OpenAPI document is no schema.
  strict: false,
  formats: { 'date-time': (text: string) => new Date(text).toISOString() === text, binary: true },
});
ajv.addSchema(document, 'openapi');

const validators = new Map<string, ValidateFunction>();

/** The schema at a pointer into the document. */
function validator(pointer: string): ValidateFunction {
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#${encodeURI(pointer)}` });
  validators.set(pointer, known);
  return known;
}

/** A document whose objects know no other fields than those that their schemas name. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (!isObject(node)) return node;
  const fields = Object.fromEntries(Object.entries(node).map(([name, field]) => [name, closed(field)]));
  return node.type === 'object' && 'properties' in node ? { additionalProperties: false, ...fields } : fields;
}

const patterns = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`),
}));

/** The pointer to the documented answer of a request, or to a problem's schema where it leads to no route. */
function answerPointer(method: string, path: string, status: number): string {
  const route = patterns.find(({ pattern }) => pattern.test(path))?.path;
  const operation = route === undefined ? '' : child(child('/paths', route), method.toLowerCase());
  if (follow(document, operation) === undefined || operation === '') {
    assert.ok(status >= 400, `${method} ${path} answered ${status}, and is not documented`);
    return '';
  }
  const pointer = child(`${operation}/responses`, status);
  assert.ok(follow(document, pointer) !== undefined, `${method} ${path} answered ${status}, which is not documented`);
  return pointer;
}

function check(pointer: string, value: unknown, what: string): void {
  const valid = validator(pointer);
  if (valid(value)) return;
  const errors = (valid.errors ?? []).slice(0, 8).map((error) => {
    const { instancePath, message = '', params } = error;
    return `  ${instancePath} ${message} ${JSON.stringify(params)}`;
  });
  assert.fail(`${what} is not what openapi.yaml says:\n${errors.join('\n')}\n${JSON.stringify(value).slice(0, 2000)}`);
}

/** Fails unless openapi.yaml has this answer, with this content type and these fields. */
export function checkAnswer(method: string, path: string, status: number, type: string | null, text: string): void {
  const what = `The answer ${status} to ${method} ${path}`;
  const pointer = answerPointer(method, path, status);
  if (pointer === '') {
    check('/components/schemas/Problem', JSON.parse(text), what);
    return;
  }
  const answer = follow(document, pointer) as { content?: Record<string, unknown> };
  const mediaType = type?.split(';')[0] ?? null;
  if (!answer.content || mediaType === null) {
    assert.ok(!answer.content && text === '', `${what} should have ${answer.content ? 'a body' : 'none'}`);
    return;
  }
  assert.ok(mediaType in answer.content, `${what} is ${mediaType}, which is not documented`);
  const schema = `${child(`${pointer}/content`, mediaType)}/schema`;
  if (mediaType === 'text/event-stream') for (const data of eventsIn(text)) check(schema, JSON.parse(data), what);
  else check(schema, mediaType.endsWith('json') ? JSON.parse(text) : text, what);
}

const eventsIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length));

/** Fails unless openapi.yaml has this message of a WebSocket. */
export const checkMessage = (message: unknown, path = '/jobs/{id}/stream'): void =>
  check(`${child('/paths', path)}/get/responses/101/content/application~1json/schema`, message, 'The message');

/** `fetch` from the API, whose answer must be documented. */
export async function documentedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  const { pathname } = new URL(url);
  if (!undocumented.test(pathname)) {
    const text = await response.clone().text();
    checkAnswer(init.method ?? 'GET', pathname, response.status, response.headers.get('content-type'), text);
  }
  return response;
}
