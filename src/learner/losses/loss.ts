/** What a file of this folder says of a loss that requests can name. */
import type { TObject, TProperties } from 'typebox';
import type { Target } from '../../data/index.js';
import type { Engine, Tensor } from '../../engine/index.js';
import type { FieldProblem } from '../../errors.js';
import { complete, type Complete } from '../../schema/complete.js';
import { strict } from '../../schema/fields.js';
import type { JsonObject } from '../../schema/json.js';
import type { ClassWeights } from './class-weights.js';

/** A loss over [rows, classes] outputs and [rows] int32 classes, or [rows, outputs] and values of the same shape. */
type Compute = (engine: Engine, output: Tensor, target: Tensor) => Tensor;

/** What is computed of a batch. It is traced with the step, so it looks at no value. */
export interface LossFunction {
  /** The mean over a batch, a scalar. */
  readonly compute: Compute;
  /** Of each row, [rows]: PyTorch's reduction `none`. Only of losses on classes, which cannot be mixed themselves. */
  readonly rows?: Compute;
}

/** What training makes small. */
export interface Loss {
  readonly description: string;
  /** What outputs are compared with: a class per row, or values. */
  readonly target: Target['kind'];
  /** Of the arguments, without the name. */
  readonly arguments: TObject;
  /** The arguments, which have been checked, with their defaults. */
  complete(args: JsonObject): JsonObject;
  /** What of the arguments does not fit what is predicted; pointers from the arguments on. */
  problems(args: JsonObject, target: Target): FieldProblem[];
  /** The weights of the classes that the arguments ask for; null for none. */
  weights(args: JsonObject): ClassWeights | null;
  /** Makes it. `weights`: of the classes, as numbers, where it has some. */
  create(args: JsonObject, weights: readonly number[] | null): LossFunction;
}

interface Definition<Arguments extends TProperties> extends Pick<Loss, 'description' | 'target'> {
  arguments?: Arguments;
  problems?: (args: Complete<TObject<Arguments>>, target: Target) => FieldProblem[];
  weights?: (args: Complete<TObject<Arguments>>) => ClassWeights | null;
  create: (args: Complete<TObject<Arguments>>, weights: readonly number[] | null) => LossFunction;
}

/** Declares a loss: what it means, its arguments with their defaults, and how it is computed. */
export function defineLoss<Arguments extends TProperties>({
  description,
  target,
  arguments: properties,
  problems = () => [],
  weights = () => null,
  create,
}: Definition<Arguments>): Loss {
  const schema: TObject = strict(properties ?? {});
  // Whoever hands arguments in has checked them: `Loss` asks for it.
  const completed = (args: JsonObject) => complete(schema, args) as Complete<TObject<Arguments>>;
  return {
    description,
    target,
    arguments: schema,
    complete: (args) => ({ ...completed(args) }),
    problems: (args, predicted) => problems(completed(args), predicted),
    weights: (args) => weights(completed(args)),
    create: (args, numbers) => create(completed(args), numbers),
  };
}
