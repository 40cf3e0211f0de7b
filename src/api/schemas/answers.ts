/** What a route answers, for the documents and for the compiler. */
import { Type, type TSchema } from 'typebox';
import { errorCodes, retryAfterSeconds, type ErrorCode } from '../../errors.js';
import { Problem } from './problem.js';

/** An answer that is no plain JSON, as OpenAPI describes it. */
interface Described {
  description: string;
  headers?: Record<string, object>;
  content: Record<string, { schema: TSchema }>;
}

const RetryAfter = { type: 'integer', description: 'Seconds after which to try again' };

/**
 * The answers of a route by their HTTP status, for its `response`: the good ones, and a problem for each code that it
 * may fail with. The type tells the good ones alone, so that a handler that returns something else does not compile.
 */
export function answers<const Good extends Record<number, TSchema | Described>>(
  good: Good,
  ...codes: ErrorCode[]
): Good {
  const statuses = [...new Set(codes.map((code) => errorCodes[code].status))];
  const problems = Object.fromEntries(statuses.map((status) => [status, problem(status, codes)]));
  return { ...problems, ...good };
}

function problem(status: number, codes: readonly ErrorCode[]): Described {
  const meant = codes.filter((code) => errorCodes[code].status === status);
  return {
    description: meant.map((code) => `\`${code}\`: ${errorCodes[code].title}`).join('\n\n'),
    ...(meant.some((code) => retryAfterSeconds(code) !== undefined) && { headers: { 'retry-after': RetryAfter } }),
    content: { 'application/problem+json': { schema: Problem } },
  };
}

/** An answer that is no plain JSON. `T` is what the handler sends: never, where it writes to the connection. */
export const content = <T = never>(type: string, description: string, schema: TSchema = Type.String()) => ({
  description,
  content: { [type]: { schema: Type.Unsafe<T>(schema) } },
});

/** An answer without a body. */
export const noBody = (description: string) => Type.Unsafe<undefined>({ type: 'null', description });

/** How a request with a body may fail before its route sees it. */
export const bodyErrors = ['invalid_json', 'invalid_request', 'body_too_large', 'unsupported_media_type'] as const;
