/** What a file of this folder says of a metric that requests can name. */
import type { TObject, TProperties } from 'typebox';
import type { Batch, Target } from '../../data/index.js';
import type { FieldProblem } from '../../errors.js';
import { complete, type Complete } from '../../schema/complete.js';
import { strict } from '../../schema/fields.js';
import type { JsonObject } from '../../schema/json.js';

/** What a metric is taken over, as far as it is known before anything trains. */
export interface Measured {
  target: Target;
  /** How many rows validate. */
  rows: number;
}

/** Something measured over the validation rows after each epoch. */
export interface Metric {
  readonly description: string;
  /** What a model must predict for it to make sense. */
  readonly target: Target['kind'];
  /** Whether less is better: an error, not a score. Null: it is no number, and none of its values is better. */
  readonly lessIsBetter: boolean | null;
  /** Of the arguments, without the name. */
  readonly arguments: TObject;
  /** The arguments, which have been checked, with their defaults. */
  complete(args: JsonObject, target: Target): JsonObject;
  /** What of complete arguments does not fit what is measured; pointers from the arguments on. */
  problems(args: JsonObject, measured: Measured): FieldProblem[];
  /** Begins one pass over the validation rows. */
  start(args: JsonObject): Meter;
}

/** One pass of a metric over rows, batch by batch, in float64. */
export interface Meter {
  /** Takes in a batch; `output` is [rows × outputs]. */
  update(output: Float32Array, batch: Batch): void;
  /** Of all batches so far; NaN where there was none. A matrix by rows. */
  value(): number | number[][];
}

interface Definition<Arguments extends TProperties> extends Pick<Metric, 'description' | 'target' | 'lessIsBetter'> {
  arguments?: Arguments;
  /** Defaults that depend on what is predicted, or on other arguments. */
  defaults?: (target: Target, args: Complete<TObject<Arguments>>) => Partial<Complete<TObject<Arguments>>>;
  problems?: (args: Complete<TObject<Arguments>>, measured: Measured) => FieldProblem[];
  start: (args: Complete<TObject<Arguments>>) => Meter;
}

/** Declares a metric: what it means, its arguments with their defaults, and how a pass over rows goes. */
export function defineMetric<Arguments extends TProperties>({
  description,
  target,
  lessIsBetter,
  arguments: properties,
  defaults = () => ({}),
  problems = () => [],
  start,
}: Definition<Arguments>): Metric {
  const schema: TObject = strict(properties ?? {});
  // Whoever hands arguments in has checked them: `Metric` asks for it.
  const completed = (args: JsonObject) => complete(schema, args) as Complete<TObject<Arguments>>;
  return {
    description,
    target,
    lessIsBetter,
    arguments: schema,
    complete: (args, predicted) => ({ ...defaults(predicted, completed(args)), ...completed(args) }),
    problems: (args, measured) => problems(completed(args), measured),
    start: (args) => start(completed(args)),
  };
}
