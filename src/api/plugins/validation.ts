/**
 * Requests are checked by TypeBox, and what is wrong is told field by field; queries and headers get their defaults.
 * Answers are sent as they are, neither checked nor cut to their schemas, so that a million numbers cost no more than
 * their text: the compiler holds handlers to the schemas, and the tests hold each answer to openapi.yaml.
 */
import type { FastifyInstance, FastifySchema } from 'fastify';
import fp from 'fastify-plugin';
import { Value } from 'typebox/value';
import { Type, type TSchema } from 'typebox';
import { OnecycleError, type FieldProblem } from '../../errors.js';
import { problemsOf } from '../../schema/check.js';

/** Pointers of a body start at its root; those of other parts of a request begin with their name. */
const prefixes: Record<string, string> = { body: '', querystring: '/query', params: '/params', headers: '/headers' };

/** @throws OnecycleError `invalid_request` that names every wrong field */
function checked(schema: TSchema, value: unknown, prefix: string): unknown {
  const problems = problemsOf(schema, value).map(({ pointer, detail }) => ({ pointer: prefix + pointer, detail }));
  if (problems.length > 0) throw new OnecycleError('invalid_request', inOneLine(problems), problems);
  return value;
}

const inOneLine = (problems: FieldProblem[]): string =>
  problems.map(({ pointer, detail }) => (pointer === '' ? `The body ${detail}` : `${pointer} ${detail}`)).join('; ');

/**
 * Queries and headers are texts: what must be a number or a boolean and is written as one becomes one, all else is left
 * to the check.
 */
function fromTexts(schema: TSchema, values: object): Record<string, unknown> {
  const fields = Type.IsObject(schema) ? schema.properties : {};
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fromText(fields[name], value)]));
}

function fromText(field: TSchema | undefined, value: unknown): unknown {
  if (typeof value !== 'string' || field === undefined) return value;
  if (Type.IsUnion(field)) return field.anyOf.map((each) => fromText(each, value)).find(isNoText) ?? value;
  if (Type.IsInteger(field)) return /^-?\d+$/.test(value) ? Number(value) : value;
  if (Type.IsBoolean(field)) return { true: true, false: false }[value] ?? value;
  return Type.IsNumber(field) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? Number(value) : value;
}

const isNoText = (value: unknown): boolean => typeof value !== 'string';

/** Checks requests, and writes answers. */
export default fp(function validation(app: FastifyInstance, _options, done) {
  app.setValidatorCompiler<TSchema & FastifySchema>(({ schema, httpPart = 'body' }) => (value: unknown) => {
    try {
      // A body says itself what is a number, and its handler fills in defaults.
      const read = httpPart === 'body' ? value : Value.Default(schema, fromTexts(schema, value as object));
      return { value: checked(schema, read, prefixes[httpPart] ?? '') };
    } catch (error) {
      return { error: error as Error };
    }
  });
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  done();
});
