/** What goes wrong, in one type: refusals of the server, and a server that cannot be reached. */
import type { Problem } from './types.js';

/** A field of a request that is wrong. */
export interface FieldProblem {
  /** JSON pointer to it, from the root of the body; of a query, `/query/NAME`. */
  pointer: string;
  /** What would be right. */
  detail: string;
}

/**
 * A problem's code as openapi.yaml has it, or `unreachable` where no answer came, or `unexpected_answer` where what
 * answered is no onecycle. A newer server may have more.
 */
export type OnecycleErrorCode = Problem['code'] | 'unreachable' | 'unexpected_answer' | (string & Record<never, never>);

/** A request that did not succeed. Its message is for people, with a line for each wrong field. */
export class OnecycleError extends Error {
  override readonly name = 'OnecycleError';
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Stable, for programs. */
  readonly code: OnecycleErrorCode;
  /** What is wrong this time. */
  readonly detail: string;
  /** The fields that are wrong. */
  readonly errors: readonly FieldProblem[];
  /** Seconds after which the same request may do better. */
  readonly retryAfter?: number;

  constructor(
    { status, code, detail, errors = [] }: Pick<Problem, 'status' | 'detail' | 'errors'> & { code: OnecycleErrorCode },
    { retryAfter, cause }: { retryAfter?: number; cause?: unknown } = {},
  ) {
    const fields = errors.filter(({ pointer }) => !detail.includes(pointer) || errors.length > 1);
    super([detail, ...fields.map((field) => `  ${field.pointer} ${field.detail}`)].join('\n'), { cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = errors;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

/** The error that an answer is, read from its body. */
export function refusal(response: Response, body: unknown): OnecycleError {
  const retryAfter = secondsToWait(response);
  if (isProblem(body)) return new OnecycleError(body, { retryAfter });
  const detail = `${response.url} answered ${response.status} ${response.statusText}, which is not a response of onecycle`;
  return new OnecycleError({ status: response.status, code: 'unexpected_answer', detail }, { retryAfter });
}

/** The error of a request that no answer came to. */
export function unreachable(url: string, cause: unknown): OnecycleError {
  const detail = `${url} cannot be reached: ${reason(cause)}`;
  return new OnecycleError({ status: 0, code: 'unreachable', detail }, { cause });
}

/** Node says what is the matter in the cause of its `TypeError: fetch failed`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reason(cause.errors[0]);
  return cause instanceof Error ? reason(cause) : error.message;
}

/** `Retry-After` in seconds; undefined where it is not there, or is a date. */
export function secondsToWait(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'status' in body;
