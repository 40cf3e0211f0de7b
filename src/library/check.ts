/** What is wrong with the parts that a Learner is constructed of. */
import { type FieldProblem } from '../errors.js';
import type { LearnerOptions } from '../learner/index.js';
import { LossSchema } from '../learner/losses/index.js';
import { MetricsSchema } from '../learner/metrics/index.js';
import { problemsOf } from '../schema/check.js';
import { isObject } from '../schema/json.js';
import { wrongArguments } from './naming.js';

const hint = 'or let Learner.create make the parts: await Learner.create({data, model})';

/** The options as they are. @throws OnecycleError `invalid_spec` where a part is missing or is something else */
export function checkedParts<T extends Partial<LearnerOptions>>(options: T): T {
  const given: unknown = options;
  const problems = isObject(given)
    ? problemsOfParts(given)
    : [{ pointer: '', detail: `must be given its parts, ${hint}` }];
  if (problems.length > 0) throw wrongArguments('new Learner', problems);
  return options;
}

function problemsOfParts({ engine, model, data, loss, metrics = [] }: Record<string, unknown>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const expect = (right: boolean, pointer: string, detail: string) => right || problems.push({ pointer, detail });
  expect(has(engine, 'tf', 'build'), '/engine', `must be an engine, await loadEngine(), ${hint}`);
  expect(
    has(model, 'layers', 'parameters', 'param_groups'),
    '/model',
    `must be a plan, planModel({preset: 'mlp'}, dataset), ${hint}`,
  );
  expect(isObject(data), '/data', `must be {dataset, train, valid}, ${hint}`);
  if (isObject(data)) {
    expect(
      has(data.dataset, 'x', 'y', 'target'),
      '/data/dataset',
      "must be a data set, loadDataset({builtin: 'digits'})",
    );
    expect(
      has(data.train, 'batches', 'epoch'),
      '/data/train',
      'must be a loader, new BatchLoader({dataset, rows, batchSize})',
    );
    expect(
      data.valid === null || has(data.valid, 'batches', 'epoch'),
      '/data/valid',
      'must be a loader, or null without validation rows',
    );
  }
  if (loss === undefined)
    problems.push({ pointer: '/loss', detail: "is required: 'cross_entropy' for classes, 'mse' for values" });
  else problems.push(...problemsOf(LossSchema, loss, '/loss'));
  return [...problems, ...problemsOf(MetricsSchema, metrics, '/metrics')];
}

/** Whether a value is an object with such members, its class's included. */
const has = (value: unknown, ...members: string[]): boolean =>
  typeof value === 'object' && value !== null && members.every((member) => member in value);
