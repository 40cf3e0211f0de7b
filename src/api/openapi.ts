/** openapi.yaml and asyncapi.yaml without a server: the documents of the routes as they are in the code. */
import { asyncApi } from './asyncapi.js';
import app, { type AppOptions } from './app.js';
import { createFastify } from './fastify.js';
import type { OpenApiDocument } from './plugins/openapi.js';
import { toYaml } from './yaml.js';

/** The texts of openapi.yaml and asyncapi.yaml, as the routes in the code have them. */
export async function documents(): Promise<{ openapi: string; asyncapi: string }> {
  const document = await routes();
  return { openapi: toYaml(document), asyncapi: toYaml(asyncApi(document)) };
}

async function routes(): Promise<OpenApiDocument> {
  const server = createFastify();
  // No request is made, so that no route asks for what isn't there.
  await server.register(app, {} as AppOptions);
  await server.ready();
  try {
    return server.openapi();
  } finally {
    await server.close();
  }
}
