/** Bodies that are files, for the documents alone: they go to disk as they come, and no validator sees them. */
import type { FastifySchema } from 'fastify';

/** A schema for each content type. */
type Contents = Readonly<Record<string, object>>;

/** A file as the body. `examples`: what such files may look like, where text can tell. */
export const fileSchema = (description: string, examples?: readonly string[]) => ({
  type: 'string',
  format: 'binary',
  description,
  ...(examples && { examples }),
});

/** The `config` of a route that takes a file. */
export const fileBody = (contents: Contents) => ({
  swaggerTransform: ({ schema, url }: { schema: FastifySchema; url: string }) => {
    const content = Object.fromEntries(Object.entries(contents).map(([type, schema]) => [type, { schema }]));
    return { schema: { ...schema, body: { content } }, url };
  },
});
