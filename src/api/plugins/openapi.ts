/** openapi.yaml: the routes' schemas, those with a title once and by name. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { isDeepStrictEqual } from 'node:util';
import { documentedItems } from '../../schema/fields.js';
import { isObject, type JsonObject } from '../../schema/json.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document of all routes. */
    openapi(): OpenApiDocument;
  }
}

/** What `openapi()` gives. */
export interface OpenApiDocument {
  openapi: string;
  paths: Record<string, unknown>;
  components: { schemas: Record<string, unknown> };
  [field: string]: unknown;
}

const info = {
  title: 'onecycle',
  description:
    "A training service: fastai's Learner and its schedules behind an API, on real TensorFlow, " +
    'every hyperparameter and loss streamed live.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description: 'A key, `oc_…`; without any key in the service none is needed. Streams take `?ticket=` as well.',
  },
} as const;
const servers = [{ url: 'http://127.0.0.1:3000', description: 'The service with its default settings' }];

const tags = [
  { name: 'jobs', description: 'Post, inspect and control jobs' },
  { name: 'datasets', description: 'Upload data to train on' },
  { name: 'models', description: 'Post models to start from' },
  { name: 'checkpoints', description: 'The checkpoints of a job' },
  { name: 'results', description: 'What a job recorded and learned' },
  { name: 'predictions', description: 'Predictions of trained models for new rows' },
  { name: 'streams', description: "A job's frames, live or from any earlier point" },
  { name: 'schedules', description: 'What a policy would do to the hyperparameters, without training' },
  { name: 'operators', description: 'The queue and the workers' },
  { name: 'webhooks', description: 'Be told of jobs by signed POST requests' },
  { name: 'keys', description: 'Who may use the service' },
  { name: 'tenants', description: 'Whose jobs, data sets and models are kept apart, and what each may take' },
  { name: 'service', description: 'The service itself' },
];

/** Collects the routes' schemas. */
export default fp(async function openapi(app: FastifyInstance, { version }: { version: string }) {
  await app.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: { ...info, version },
      servers,
      security: [],
      tags,
      components: { securitySchemes },
    },
  });
  app.decorate('openapi', () => nameSchemas(JSON.parse(JSON.stringify(app.swagger())) as OpenApiDocument));
});

/** Whether a field of a schema holds values, not schemas. */
const isSample = (name: string): boolean => ['default', 'example', 'examples'].includes(name);

/**
 * What checks do not look at, and generators of clients must know: the items of a long list. And what they cannot take:
 * a default that is an object with fields is said in words.
 */
function documented({ [documentedItems]: items, ...schema }: JsonObject): JsonObject {
  const { default: value, description } = schema;
  if (items !== undefined) return { ...schema, items };
  if (!isObject(value) || Object.keys(value).length === 0 || typeof description !== 'string') return schema;
  const said: JsonObject = { ...schema, description: `${description}. Left out: \`${JSON.stringify(value)}\`` };
  delete said.default;
  return said;
}

/** Moves every schema with a title to the components. @throws Error where two that differ have one title */
export function nameSchemas({ paths, ...document }: OpenApiDocument): OpenApiDocument {
  const schemas: Record<string, unknown> = {};
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (!isObject(node)) return node;
    const { title, ...fields } = documented(
      Object.fromEntries(Object.entries(node).map(([name, field]) => [name, isSample(name) ? field : walk(field)])),
    );
    if (typeof title !== 'string') return { ...(title !== undefined && { title }), ...fields };
    schemas[title] ??= fields;
    if (!isDeepStrictEqual(schemas[title], fields)) throw new Error(`Two schemas that differ are named ${title}.`);
    return { $ref: `#/components/schemas/${title}` };
  };
  const named = walk(paths) as OpenApiDocument['paths'];
  return {
    ...document,
    paths: named,
    components: {
      ...document.components,
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
