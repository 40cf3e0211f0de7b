import { OnecycleError } from '../../src/errors.js';
import type { PredictionError } from '../../src/jobs/prediction.js';

/** Why there is no answer, as the client is told. */
export function predictionError(error: unknown): PredictionError {
  if (!(error instanceof OnecycleError))
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  const { code, message, problems } = error;
  return { code, message, ...(problems.length > 0 && { problems: [...problems] }) };
}
