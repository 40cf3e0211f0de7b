/**
 * Every error that a client can see: its stable code, the HTTP status it is answered with, and after how many seconds
 * the same request may do better, for the header `Retry-After`.
 */
export const errorCodes = {
  // Requests
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_spec: { status: 422, title: 'The job cannot be run as it is specified' },
  key_needed: { status: 401, title: 'The request needs a key' },
  not_allowed: { status: 403, title: 'The key does not allow this' },
  host_not_allowed: { status: 403, title: 'The service does not answer to this name' },
  origin_not_allowed: { status: 403, title: 'A page of another origin may not do this' },
  key_not_found: { status: 404, title: 'No such key' },
  job_not_found: { status: 404, title: 'No such job' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route has no such method' },
  upgrade_required: { status: 426, title: 'This address speaks WebSocket' },
  checkpoint_not_found: { status: 404, title: 'The job has no such checkpoint' },
  not_available: { status: 404, title: 'The job has no such result' },
  conflict: { status: 409, title: 'The state of the job does not allow this' },
  model_not_found: { status: 404, title: 'No such model' },
  invalid_model: { status: 422, title: 'The file cannot be used as a model' },
  model_in_use: { status: 409, title: 'A job needs the model' },
  dataset_not_found: { status: 404, title: 'No such data set' },
  dataset_in_use: { status: 409, title: 'An unfinished job needs the data set' },
  invalid_dataset: { status: 422, title: 'The file cannot be used as a data set' },
  invalid_rows: { status: 422, title: 'The rows cannot be used' },
  source_not_completed: { status: 409, title: 'The job to continue from has not completed' },
  idempotency_mismatch: { status: 422, title: 'This Idempotency-Key was used with a different body' },
  malformed_request: { status: 400, title: 'The request is not valid HTTP' },
  request_timeout: { status: 408, title: 'The request came too slowly' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  rate_limited: { status: 429, title: 'Too many requests', retryAfterSeconds: 1 },
  quota_reached: { status: 429, title: 'As many as are allowed are there already', retryAfterSeconds: 10 },
  storage_full: { status: 413, title: 'The tenant stores as much as it may' },
  tenant_not_found: { status: 404, title: 'No such tenant' },
  webhook_not_found: { status: 404, title: 'No such webhook' },
  worker_not_found: { status: 404, title: 'No such worker' },
  unavailable: { status: 503, title: 'The service cannot do this now', retryAfterSeconds: 5 },
  disk_full: { status: 503, title: 'The disk is full', retryAfterSeconds: 30 },
  busy: { status: 503, title: 'Too many such requests are being answered', retryAfterSeconds: 5 },
  storage_unavailable: { status: 503, title: 'The storage cannot be used now', retryAfterSeconds: 10 },
  queue_full: { status: 503, title: 'Too many jobs are waiting', retryAfterSeconds: 10 },
  internal: { status: 500, title: 'Internal error' },
  // Jobs that failed
  diverged: { status: 500, title: 'The loss diverged: it is no longer a finite number' },
  no_suggestion: { status: 500, title: 'The learning-rate finder could not make the suggestion' },
  finder_failed: { status: 500, title: 'The learning-rate finder did not complete' },
  unsupported_by_engine: { status: 500, title: 'The engine does not have a kernel that the model needs' },
  out_of_memory: { status: 500, title: 'The trainer ran out of memory' },
  trainer_crashed: { status: 500, title: 'The trainer process ended unexpectedly' },
  stalled: { status: 500, title: 'The trainer did not respond for stall_seconds' },
  timeout: { status: 500, title: 'The job took longer than its timeout_seconds' },
  bad_data: { status: 500, title: 'The data could not be used' },
  // Running the service
  invalid_configuration: { status: 500, title: 'An environment variable is not valid' },
  engine_not_installed: { status: 500, title: 'The native engine is not installed' },
  valkey_not_found: { status: 500, title: 'No Valkey or Redis server could be found' },
  redis_unsuitable: { status: 500, title: 'The Redis server cannot be used' },
  valkey_failed: { status: 500, title: 'The embedded Valkey did not start' },
  data_folder_in_use: { status: 500, title: 'Another service is using the data folder' },
} as const;

/** One of the codes. */
export type ErrorCode = keyof typeof errorCodes;

/** Seconds after which the same request may do better; undefined where it will not by itself. */
export function retryAfterSeconds(code: ErrorCode): number | undefined {
  const error = errorCodes[code];
  return 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
}

/**
 * What is wrong with one field. `pointer` is a JSON pointer into the request's body, `detail` says what would be right.
 */
export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** An error with a stable code; `problems` names the wrong fields where there are some. */
export class OnecycleError extends Error {
  override readonly name = 'OnecycleError';
  /** Seconds after which the same request may do better, where that is not as usual for the code. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly problems: readonly FieldProblem[] = [],
    { retryAfterSeconds: seconds, ...options }: ErrorOptions & { retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.retryAfterSeconds = seconds;
  }
}

/** The error for one wrong field of a spec. */
export const invalidSpec = (pointer: string, detail: string): OnecycleError =>
  new OnecycleError('invalid_spec', detail, [{ pointer, detail }]);

/** The error for all that is wrong with a spec, in one line. */
export const invalidSpecs = (problems: readonly FieldProblem[]): OnecycleError =>
  new OnecycleError('invalid_spec', problems.map(({ detail }) => detail).join('; '), problems);

/** The error for rows that cannot be predicted, in one line. */
export const invalidRows = (problems: readonly FieldProblem[]): OnecycleError =>
  new OnecycleError('invalid_rows', problems.map(({ detail }) => detail).join('; '), problems);

/** An error of one code as one of another; any other error as it is. */
export const recoded = (error: unknown, from: ErrorCode, to: ErrorCode): unknown =>
  error instanceof OnecycleError && error.code === from
    ? new OnecycleError(to, error.message, error.problems, { cause: error })
    : error;
