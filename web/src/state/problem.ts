/** An error as a reader sees it, whoever threw it: the client, the network, or a bug. */

/** What is wrong, as in the service's problem documents. */
export interface Problem {
  detail: string;
  /** The service's stable code; undefined where it did not answer. */
  code?: string;
  /** The fields that are wrong, by their JSON pointers. */
  errors: readonly { pointer: string; detail: string }[];
}

/** What there is to say of an error. */
export function describeProblem(error: unknown): Problem {
  if (!(error instanceof Error)) return { detail: String(error), errors: [] };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : error.message;
  const errors = 'errors' in error && Array.isArray(error.errors) ? error.errors.filter(isFieldProblem) : [];
  return { detail, ...(code !== undefined && { code }), errors };
}

/** Whether the service could not be reached, or is busy: the same request may do better later. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof TypeError) return true;
  return error instanceof Error && 'status' in error && [0, 502, 503, 504].includes(Number(error.status));
}

const isFieldProblem = (value: unknown): value is { pointer: string; detail: string } =>
  typeof value === 'object' &&
  value !== null &&
  'pointer' in value &&
  typeof value.pointer === 'string' &&
  'detail' in value &&
  typeof value.detail === 'string';
