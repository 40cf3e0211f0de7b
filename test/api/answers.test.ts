/**
 * The compiler holds handlers to their documented answers: `npm run typecheck` fails where a line compiles that must
 * not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { createFastify } from '../../src/api/fastify.js';
import problems from '../../src/api/plugins/problems.js';
import validation from '../../src/api/plugins/validation.js';
import { answers, content, noBody } from '../../src/api/schemas/answers.js';
import { query } from '../../src/api/schemas/params.js';
import { defaulted, optional, Whole } from '../../src/schema/fields.js';

const Size = Type.Object({ size: Type.Integer(), unit: Type.Optional(Type.String()) });
const response = answers({ 200: Size }, 'job_not_found');
const text = answers({ 200: content<string>('image/svg+xml', 'A plot'), 304: noBody('The same') });

test('an answer that does not fit its schema does not compile', async () => {
  const app = createFastify().withTypeProvider<TypeBoxTypeProvider>();
  app.get('/right', { schema: { response } }, () => ({ size: 1, unit: 'm' }));
  app.get('/sent', { schema: { response } }, async (_request, reply) => reply.status(200).send({ size: 1 }));
  app.get('/text', { schema: { response: text } }, async (_request, reply) =>
    reply.type('image/svg+xml').send('<svg/>'),
  );
  // @ts-expect-error: a text where the schema has a number
  app.get('/type', { schema: { response } }, () => ({ size: '1' }));
  // @ts-expect-error: a field that is missing
  app.get('/missing', { schema: { response } }, async () => Promise.resolve({ unit: 'm' }));
  // @ts-expect-error: the same by reply.send
  app.get('/send', { schema: { response } }, async (_request, reply) => reply.send({ size: null }));
  // @ts-expect-error: a status that is not documented
  app.get('/status', { schema: { response } }, async (_request, reply) => reply.status(201).send({ size: 1 }));
  // @ts-expect-error: a number where a text is sent
  app.get('/number', { schema: { response: text } }, async (_request, reply) => reply.send(1));
  assert.deepEqual(Object.keys(response), ['200', '404']);
  await app.close();
});

test('queries have the defaults of their schema', async () => {
  const app = createFastify().withTypeProvider<TypeBoxTypeProvider>();
  await app.register(problems);
  await app.register(validation);
  const querystring = query({ limit: defaulted(Whole('Most'), 20), after: optional(Type.String()) });
  app.get(
    '/',
    { schema: { querystring, response: answers({ 200: Type.Object({ twice: Type.Integer() }) }) } },
    (request) => ({
      twice: 2 * request.query.limit,
    }),
  );
  const ask = async (url: string) => (await app.inject(url)).json<{ twice?: number; code?: string }>();
  assert.deepEqual(await ask('/'), { twice: 40 });
  assert.deepEqual(await ask('/?limit=3'), { twice: 6 });
  assert.equal((await ask('/?limit=x')).code, 'invalid_request');
  assert.equal((await ask('/?most=3')).code, 'invalid_request');
  await app.close();
});
