/**
 * Requests are checked by TypeBox, and what is wrong is told field by field; queries and headers get their defaults.
 * Answers are sent as they are, neither checked nor cut to their schemas, so that a million numbers cost no more than
 * their text: the compiler holds handlers to the schemas, and the tests hold each answer to openapi.yaml.
 */
import type { FastifyInstance, FastifySchema } from 'fastify';
import fp from 'fastify-plugin';
import { Value } from 'typebox/value';
import type { TSchema } from 'typebox';
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

/** Checks requests, and writes answers. */
export default fp(function validation(app: FastifyInstance, _options, done) {
  app.setValidatorCompiler<TSchema & FastifySchema>(({ schema, httpPart = 'body' }) => (value: unknown) => {
    try {
      // Queries and headers are texts; a body says itself what is a number, and its handler fills in defaults.
      const read = httpPart === 'body' ? value : Value.Default(schema, Value.Convert(schema, { ...(value as object) }));
      return { value: checked(schema, read, prefixes[httpPart] ?? '') };
    } catch (error) {
      return { error: error as Error };
    }
  });
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  done();
});
