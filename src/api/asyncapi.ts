/** asyncapi.yaml: the WebSockets of openapi.yaml as AsyncAPI 3, with the same schemas. */
import { follow, isObject, type JsonObject } from '../schema/json.js';
import type { OpenApiDocument } from './plugins/openapi.js';

/** What is said of a route that answers 101. */
interface Socket {
  operationId: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; description?: string; required?: boolean; schema: JsonObject }[];
  responses: { 101: { content: { 'application/json': { schema: { $ref: string } } } } };
}

/** The document of all routes that open a WebSocket. */
export function asyncApi({ info, servers, paths, components }: OpenApiDocument): JsonObject {
  const [{ url }] = servers as { url: string }[];
  const sockets = Object.entries(paths).flatMap(([path, item]) => {
    const get: unknown = follow(item, '/get');
    return follow(get, '/responses/101') === undefined ? [] : [{ path, socket: get as Socket }];
  });
  const messages = sockets.map(({ socket }) => messagesOf(socket, components.schemas));
  return {
    asyncapi: '3.0.0',
    info: { ...(info as JsonObject), license: { name: 'Apache-2.0' } },
    defaultContentType: 'application/json',
    servers: {
      default: { host: new URL(url).host, protocol: 'ws', description: 'The service with its default settings' },
    },
    channels: Object.fromEntries(
      sockets.map(({ path, socket }, i) => [socket.operationId, channel(path, socket, messages[i])]),
    ),
    operations: Object.fromEntries(
      sockets.map(({ socket: { operationId, summary } }) => [
        operationId,
        { action: 'send', channel: { $ref: `#/channels/${operationId}` }, summary },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        messages.flat().map((name) => [name, { name, payload: { $ref: `#/components/schemas/${name}` } }]),
      ),
      schemas: reachable(messages.flat(), components.schemas),
    },
  };
}

function channel(address: string, { description, parameters }: Socket, messages: readonly string[]): JsonObject {
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  const required = inQuery.flatMap((each) => (each.required === true ? [each.name] : []));
  return {
    address,
    description,
    ...(inPath.length > 0 && {
      parameters: Object.fromEntries(inPath.map(({ name, description }) => [name, { description }])),
    }),
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    bindings: {
      ws: {
        method: 'GET',
        query: {
          type: 'object',
          properties: Object.fromEntries(
            inQuery.map(({ name, description, schema }) => [
              name,
              { ...schema, ...(description !== undefined && { description }) },
            ]),
          ),
          ...(required.length > 0 && { required }),
        },
      },
    },
  };
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/** The schemas of a socket's messages: the variants of its union. */
function messagesOf({ responses }: Socket, schemas: JsonObject): string[] {
  const union = schemas[nameOf(responses[101].content['application/json'].schema.$ref)] as {
    anyOf: { $ref: string }[];
  };
  return union.anyOf.map(({ $ref }) => nameOf($ref));
}

/** Those schemas, and all that they refer to. */
function reachable(names: readonly string[], schemas: JsonObject): JsonObject {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    if (!isObject(node)) return;
    if (typeof node.$ref === 'string') add(nameOf(node.$ref));
    Object.values(node).forEach(walk);
  };
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    walk(schemas[name]);
  };
  names.forEach(add);
  return Object.fromEntries([...found].sort().map((name) => [name, schemas[name]]));
}
