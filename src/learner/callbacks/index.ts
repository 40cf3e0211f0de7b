import { OnecycleError } from '../../errors.js';
import { type Callback, cancelBatch, cancelEpoch, cancelFit, cancelTrain, cancelValidate } from '../events.js';
import type { StepOptions } from '../program.js';
import { EarlyStopping } from './early-stopping.js';
import { GradientAccumulation } from './gradient-accumulation.js';
import { ReduceLROnPlateau } from './reduce-lr-on-plateau.js';
import { SaveBest } from './save-best.js';
import { TerminateOnNaN } from './terminate-on-nan.js';
import type { TrackerOptions } from './tracker.js';

export { EarlyStopping } from './early-stopping.js';
export { FailOnNaN } from './fail-on-nan.js';
export { GradientAccumulation } from './gradient-accumulation.js';
export { LRFinder } from './lr-finder.js';
export { ParamScheduler } from './param-scheduler.js';
export { ReduceLROnPlateau } from './reduce-lr-on-plateau.js';
export { SaveBest } from './save-best.js';
export { TerminateOnNaN } from './terminate-on-nan.js';
export { PatientTracker, Tracker, type TrackerOptions } from './tracker.js';

/** What a named callback is made of: something that acts between steps, or a choice that shapes the step itself, or both. */
export interface CallbackParts {
  callback?: Callback;
  step?: StepOptions;
}

type Factory = (args: never) => CallbackParts;

/** The callbacks that a spec can name. One of your own is a file beside these and a line here. */
const registry = new Map<string, Factory>([
  [
    'early_stopping',
    ({ patience, ...tracker }: TrackerOptions & { patience?: number }) => ({
      callback: new EarlyStopping(tracker, patience),
    }),
  ],
  ['save_best', (args: TrackerOptions) => ({ callback: new SaveBest(args) })],
  [
    'reduce_lr_on_plateau',
    (args: ConstructorParameters<typeof ReduceLROnPlateau>[0]) => ({ callback: new ReduceLROnPlateau(args) }),
  ],
  ['terminate_on_nan', () => ({ callback: new TerminateOnNaN() })],
  [
    'gradient_clip',
    ({ max_norm = 1, norm_type = 2 }: { max_norm?: number; norm_type?: number }) => ({
      step: { clipNorm: { max: max_norm, type: norm_type } },
    }),
  ],
  ['gradient_clip_value', ({ clip_value }: { clip_value: number }) => ({ step: { clipValue: clip_value } })],
  [
    'gradient_accumulation',
    ({ n_acc = 32 }: { n_acc?: number }) => ({ callback: new GradientAccumulation(n_acc), step: { accumulate: true } }),
  ],
]);

/** Makes a callback that is registered by name available to specs. */
export function registerCallback(name: string, factory: (args: never) => CallbackParts): void {
  registry.set(name, factory);
}

/** fastai's signals, as a callback of one's own gets them: it needs no import. */
export const signals = { cancelFit, cancelEpoch, cancelTrain, cancelValidate, cancelBatch } as const;

/** A callback of one's own, as a module's `callbacks` has it by name: docs/callbacks.md. */
export interface OwnCallback<Args extends object = Record<string, unknown>> {
  description?: string;
  /** JSON Schema of the arguments: requests are checked against it, and its defaults filled in. */
  schema?: object;
  create(args: Args, cancel: typeof signals): CallbackParts;
}

export function registerOwnCallbacks(
  own: ReadonlyMap<string, { create: (args: object, cancel: typeof signals) => CallbackParts }>,
): void {
  for (const [name, { create }] of own) registerCallback(name, (args: object) => create(args, signals));
}

/** Makes the callbacks that a spec names, and what they choose of the step. @throws OnecycleError `invalid_spec` for a name that is not registered */
export function makeCallbacks(specs: readonly { name: string; [argument: string]: unknown }[]): {
  callbacks: Callback[];
  step: StepOptions;
} {
  const parts = specs.map(({ name, ...args }) => {
    const factory = registry.get(name);
    if (factory === undefined)
      throw new OnecycleError(
        'invalid_spec',
        `No callback is registered as ${name}; there are ${[...registry.keys()].join(', ')}`,
      );
    return factory(args as never);
  });
  return {
    callbacks: parts.flatMap(({ callback }) => callback ?? []),
    step: Object.assign({}, ...parts.map(({ step }) => step)) as StepOptions,
  };
}
