/** openapi.yaml without a server: the document of the routes as they are in the code. */
import app, { type AppOptions } from './app.js';
import { createFastify } from './fastify.js';
import { toYaml } from './yaml.js';

/** The text of openapi.yaml, as the routes in the code have it. */
export async function openapiYaml(): Promise<string> {
  const server = createFastify();
  // No request is made, so that no route asks for what isn't there.
  await server.register(app, {} as AppOptions);
  await server.ready();
  try {
    return toYaml(server.openapi());
  } finally {
    await server.close();
  }
}
