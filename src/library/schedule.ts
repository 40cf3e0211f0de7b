/** `onecycle/schedule`: fastai's `callback.schedule` without the training, and its plots. Imports no engine. */
import { invalidSpec } from '../errors.js';
import type { Schedule } from '../schedule/index.js';
import { child } from '../schema/json.js';

export * from '../schedule/index.js';
export { OnecycleError, type ErrorCode, type FieldProblem } from '../errors.js';

/**
 * Draws schedules over the position, as the text of an SVG: a line for each, by its name.
 * @throws OnecycleError `invalid_spec` for what is no function
 */
export async function plotSchedules(schedules: Readonly<Record<string, Schedule>>): Promise<string> {
  const wrong = Object.entries(schedules).find(([, schedule]) => typeof schedule !== 'function');
  if (wrong)
    throw invalidSpec(child('', wrong[0]), `${wrong[0]} must be a function of a position, such as SchedLin(0, 1)`);
  const { plotSchedules: plot } = await import('../plots/index.js');
  return plot(schedules);
}
