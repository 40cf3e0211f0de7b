/** RFC 9457: what every error is answered with. */
import { Type, type Static, type TSchema } from 'typebox';
import { errorCodes, type ErrorCode } from '../../errors.js';

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem: `urn:onecycle:problem:` and its code' }),
    title: Type.String({ description: 'The kind of problem in words' }),
    status: Type.Integer({ description: 'The HTTP status' }),
    detail: Type.String({ description: 'What is wrong this time' }),
    code: Type.Unsafe<ErrorCode>({
      type: 'string',
      enum: Object.keys(errorCodes),
      description: 'Stable, for programs',
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: 'JSON pointer to the field, from the root of the body; of a query, `/query/NAME`',
          }),
          detail: Type.String({ description: 'What would be right' }),
        }),
        {
          description: 'The fields that are wrong',
        },
      ),
    ),
    instance: Type.String({ description: 'The request' }),
  },
  { title: 'Problem', description: 'What went wrong (RFC 9457)' },
);
export type Problem = Static<typeof Problem>;

/** A schema, or what OpenAPI wants to know of an answer that is no JSON. */
type Answer = TSchema | { description: string; content?: Record<string, { schema: object }>; [field: string]: unknown };

/** What a route answers, and how it may fail: for the documentation. */
export function answers(good: Record<number, Answer>, ...codes: ErrorCode[]): Record<string, unknown> {
  const statuses = [...new Set(codes.map((code) => errorCodes[code].status))];
  const described = (status: number) =>
    codes.filter((code) => errorCodes[code].status === status).map((code) => `\`${code}\`: ${errorCodes[code].title}`);
  const problems = statuses.map((status) => [
    status,
    { description: described(status).join('\n\n'), content: { 'application/problem+json': { schema: Problem } } },
  ]);
  return { ...good, ...(Object.fromEntries(problems) as Record<string, unknown>) };
}
