import { processingOf, type RawRows } from '../../src/data/index.js';
import { answersOf } from '../../src/models/index.js';
import type { ToPredictor } from '../protocol.js';
import { bytesOf, jsonOf } from './given.js';
import type { WarmModel } from './models.js';

/**
 * What a model says of rows that a client gave, as the JSON that it is answered.
 * @throws OnecycleError `invalid_rows`
 */
export async function predict(
  { kept, outputs }: WarmModel,
  { kind, input }: Extract<ToPredictor, { type: 'predict' }>,
): Promise<string> {
  const raw = kind === 'file' ? { file: await bytesOf(input) } : ((await jsonOf(input)) as RawRows); // the API has checked it
  const { x, rows } = await processingOf(kept.processing).prepare(kept.processing, raw);
  return JSON.stringify(answersOf(kept, await outputs(x, rows)));
}
