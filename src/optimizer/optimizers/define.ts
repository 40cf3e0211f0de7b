/**
 * What an optimizer is: its arguments as a schema, which of them are hypers of the parameter groups, and its stepper.
 */
import { Type, type TLiteral, type TObject, type TProperties } from 'typebox';
import type { Complete } from '../../schema/complete.js';
import { defaulted, Flag, strict } from '../../schema/fields.js';
import type { HyperName } from '../../schema/hypers.js';
import type { Stepper } from '../stepper.js';

const decouple_wd = defaulted(
  Flag('Whether weight decay is decoupled, `p *= 1 - lr·wd`; false: L2, added to the gradient'),
  true,
);

type SchemaOf<Name extends string, Hypers extends TProperties, Args extends TProperties> = TObject<
  { name: TLiteral<Name> } & Hypers & Args & { decouple_wd: typeof decouple_wd }
>;

interface Parts<Name extends string, Hypers extends TProperties, Args extends TProperties> {
  description: string;
  /** Arguments that are numbers of the parameter groups: schedules drive them. `lr` comes from the policy. */
  hypers: Hypers;
  /** Arguments that shape the arithmetic, and stay as they are. */
  args: Args;
  stepper: (spec: Complete<SchemaOf<Name, Hypers, Args>>) => Stepper;
}

/** An optimizer, as the table lists it. */
export interface OptimizerDefinition<Schema extends TObject> {
  readonly schema: Schema;
  readonly hypers: readonly string[];
  /** The arithmetic, for arguments that are all filled in. */
  stepper(spec: Complete<Schema>): Stepper;
}

/** An optimizer from its parts. All have `decouple_wd`, as fastai's have. */
export function defineOptimizer<
  const Name extends string,
  Hypers extends Partial<Record<HyperName, TProperties[string]>> & TProperties,
  Args extends TProperties,
>(
  name: Name,
  { description, hypers, args, stepper }: Parts<Name, Hypers, Args>,
): OptimizerDefinition<SchemaOf<Name, Hypers, Args>> {
  const properties = { name: Type.Literal(name), ...hypers, ...args, decouple_wd };
  const schema = strict(properties, { title: `Optimizer_${name}`, description });
  return { schema, hypers: Object.keys(hypers), stepper };
}
