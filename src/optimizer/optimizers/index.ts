/** The optimizers by name, with fastai 2.8.12's arguments and defaults (fastai/optimizer.py). Loads no engine. */
import { Type, type Static, type TObject } from 'typebox';
import { complete, type Complete } from '../../schema/complete.js';
import type { Hypers, Stepper } from '../stepper.js';
import { adam } from './adam.js';
import { lamb } from './lamb.js';
import { larc } from './larc.js';
import { lookaheadSchema, lookaheadStepper } from './lookahead.js';
import { qhadam } from './qhadam.js';
import { radam } from './radam.js';
import { ranger } from './ranger.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

/** Every optimizer but Lookahead, which wraps one of these: a new one is a file beside these and a line here. */
const optimizers = { sgd, rmsprop, adam, radam, qhadam, larc, lamb, ranger };

type Optimizers = typeof optimizers;
type BaseName = keyof Optimizers;
type BaseRequest = { [N in BaseName]: Static<Optimizers[N]['schema']> }[BaseName];
type BaseSpec = { [N in BaseName]: Complete<Optimizers[N]['schema']> }[BaseName];

interface AnyOptimizer {
  readonly schema: TObject;
  readonly hypers: readonly string[];
  stepper(spec: BaseSpec): Stepper;
}
/** The optimizer of a name: for specs of that name alone. */
const named = (name: BaseName): AnyOptimizer => optimizers[name];

const schemas: TObject[] = Object.values(optimizers).map(({ schema }) => schema);

const LookaheadSchema = lookaheadSchema(
  Type.Unsafe<BaseRequest>(Type.Union(schemas, { description: 'The wrapped optimizer' })),
  { name: 'adam' },
);

/** An optimizer by its name, and the arguments that are not to be fastai's defaults. */
export type OptimizerRequest = BaseRequest | Static<typeof LookaheadSchema>;

/** An optimizer with every argument filled in: what a job's record shows. */
export type OptimizerSpec = BaseSpec | (Omit<Complete<typeof LookaheadSchema>, 'of'> & { of: BaseSpec });

/** The name of an optimizer. */
export type OptimizerName = OptimizerSpec['name'];

/** All of them. */
export const optimizerNames: readonly OptimizerName[] = [...(Object.keys(optimizers) as BaseName[]), 'lookahead'];

/** Any optimizer with its arguments. */
export const OptimizerSchema = Type.Unsafe<OptimizerRequest>(
  Type.Union([...schemas, LookaheadSchema], {
    title: 'Optimizer',
    description:
      "One of fastai's optimizers; the learning rate comes from the policy. Arguments that are left out have fastai's defaults",
  }),
);

/** Fills in fastai's defaults. The request must have been checked against `OptimizerSchema`, or be typed as it says. */
export function completeOptimizer(request: OptimizerRequest): OptimizerSpec {
  if (request.name !== 'lookahead') return completeBase(request);
  const { of, ...rest } = complete(LookaheadSchema, request);
  return { ...rest, name: 'lookahead', of: completeBase(of) };
}

const completeBase = (request: BaseRequest): BaseSpec =>
  ({ name: request.name, ...complete(named(request.name).schema, request) }) as BaseSpec; // by its own schema

/** The arithmetic of an optimizer. */
export const stepperOf = (spec: OptimizerSpec): Stepper =>
  spec.name === 'lookahead' ? lookaheadStepper(stepperOf(spec.of), spec) : named(spec.name).stepper(spec);

/** The optimizer inside a Lookahead: hypers and weight decay are its. */
const baseOf = (spec: OptimizerSpec): BaseSpec => (spec.name === 'lookahead' ? spec.of : spec);

/** The hypers that a fresh parameter group has, beside `lr`. */
export function hypersOf(spec: OptimizerSpec): Hypers {
  const base = baseOf(spec);
  const { hypers } = named(base.name);
  return Object.fromEntries(
    Object.entries(base).flatMap(([name, value]) => (hypers.includes(name) ? [[name, Number(value)]] : [])),
  );
}

/** Whether weight decay is decoupled (`p *= 1 - lr·wd`) rather than L2 in the gradient. */
export const decouples = (spec: OptimizerSpec): boolean => baseOf(spec).decouple_wd;
