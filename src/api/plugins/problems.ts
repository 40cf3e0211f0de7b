/**
 * Every error as RFC 9457 `application/problem+json`. What is not ours is logged with its stack, which no client sees.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { errorCodes, OnecycleError, retryAfterSeconds, type ErrorCode } from '../../errors.js';
import type { Problem } from '../schemas/problem.js';

/** Fastify's own errors by their codes. */
const fromFastify: Partial<Record<string, { code: ErrorCode; detail?: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'unsupported_media_type',
    detail: 'Send the header `content-type: application/json`.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_BAD_URL: { code: 'route_not_found' },
};

/** An error as one of ours. */
export function toOnecycleError(error: Error & Partial<Pick<FastifyError, 'code' | 'statusCode'>>): OnecycleError {
  if (error instanceof OnecycleError) return error;
  const known = error.code === undefined ? undefined : fromFastify[error.code];
  if (known) return new OnecycleError(known.code, known.detail ?? error.message);
  const isOurs = error.statusCode === undefined || error.statusCode >= 500;
  return isOurs
    ? new OnecycleError('internal', 'The server failed; see its log for the reason.', [], { cause: error })
    : new OnecycleError('invalid_request', error.message);
}

/** The body that an error is answered with. */
export function problemOf(error: OnecycleError, request: Pick<FastifyRequest, 'url'>): Problem {
  const { status, title } = errorCodes[error.code];
  return {
    type: `urn:onecycle:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.problems.length > 0 && { errors: [...error.problems] }),
    // A ticket is nobody's who reads the answer.
    instance: request.url.replace(/([?&]ticket=)[^&]*/, '$1…'),
  };
}

/** Answers a request with an error. */
export function sendProblem(
  error: FastifyError | OnecycleError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = toOnecycleError(error);
  const problem = problemOf(known, request);
  const retryAfter = known.retryAfterSeconds ?? retryAfterSeconds(known.code);
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  else if (problem.status >= 500) request.log.error({ err: known.cause ?? known }, 'request failed');
  return reply.status(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem);
}

/** Errors of routes. */
export default fp(function problems(app: FastifyInstance, _options, done) {
  app.setErrorHandler<FastifyError | OnecycleError>((error, request, reply) => sendProblem(error, request, reply));
  done();
});
