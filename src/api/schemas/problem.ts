/** RFC 9457: what every error is answered with. */
import { Type, type Static } from 'typebox';
import { errorCodes, type ErrorCode } from '../../errors.js';

/** The body of every answer that is an error. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Identifies the kind of problem: `urn:onecycle:problem:` and its code' }),
    title: Type.String({ description: 'The kind of problem in words' }),
    status: Type.Integer({ description: 'The HTTP status' }),
    detail: Type.String({ description: 'What is wrong with this request' }),
    code: Type.Unsafe<ErrorCode>({
      type: 'string',
      enum: Object.keys(errorCodes),
      description: 'Stable identifier, for programs',
    }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description: 'JSON pointer to the field, from the root of the body; for a query parameter, `/query/NAME`',
          }),
          detail: Type.String({ description: 'What would be right' }),
        }),
        {
          description: 'The fields that are wrong',
        },
      ),
    ),
    instance: Type.String({ description: 'Path of the request' }),
  },
  { title: 'Problem', description: 'What went wrong (RFC 9457)' },
);
/** As the schema says. */
export type Problem = Static<typeof Problem>;
