/** The callbacks that a request can name, and the classes that all callbacks are made of. Loads no engine. */
import { Type, type Static } from 'typebox';
import type { NamedCallback } from './callback.js';
import { earlyStopping } from './early-stopping.js';
import { gradientAccumulation } from './gradient-accumulation.js';
import { gradientClipValue } from './gradient-clip-value.js';
import { gradientClip } from './gradient-clip.js';
import { mixup } from './mixup.js';
import { reduceLROnPlateau } from './reduce-lr-on-plateau.js';
import { saveBest } from './save-best.js';
import { terminateOnNaN } from './terminate-on-nan.js';

export type { CallbackParts, CallbackTraits, NamedCallback } from './callback.js';
export { customCallback, type OwnCallback, type OwnCallbacks } from './custom.js';
export { EarlyStopping } from './early-stopping.js';
export { FailOnNaN } from './fail-on-nan.js';
export { GradientAccumulation } from './gradient-accumulation.js';
export { LRFinder, type Stopped } from './lr-finder.js';
export { ParamScheduler, type Schedules } from './param-scheduler.js';
export { ReduceLROnPlateau } from './reduce-lr-on-plateau.js';
export { SaveBest } from './save-best.js';
export { TerminateOnNaN } from './terminate-on-nan.js';
export { PatientTracker, Tracker, type PatientOptions, type TrackerOptions } from './tracker.js';

/** A new callback is a file beside these and a line here. */
export const callbacks = [
  earlyStopping,
  saveBest,
  reduceLROnPlateau,
  terminateOnNaN,
  gradientClip,
  gradientClipValue,
  gradientAccumulation,
  mixup,
] as const;

const byName: ReadonlyMap<string, NamedCallback> = new Map(callbacks.map((callback) => [callback.name, callback]));

/** The built-in callback of a name. */
export const builtIn = (name: string): NamedCallback | undefined => byName.get(name);

/** The names of the built-in ones. */
export const builtInNames: readonly string[] = [...byName.keys()];

/** A callback with its arguments, as a job's spec has it: every default filled in. */
export interface CallbackSpec {
  name: string;
  [argument: string]: unknown;
}

/** A callback as a request has it: a built-in one, or a custom one by its name. */
export type CallbackRequest = Static<(typeof callbacks)[number]['schema']> | CallbackSpec;

/** Which there are is known when the server runs: they are checked with the rest of the spec. */
const Custom = Type.Object(
  { name: Type.Unsafe<string>({ type: 'string', not: { enum: builtInNames } }) },
  {
    title: 'Callback_own',
    additionalProperties: true,
    description: 'A custom callback, as ONECYCLE_CALLBACKS registers it by name, with its arguments',
  },
);

/** What a request may say of a callback. */
export const CallbackSchema = Type.Unsafe<CallbackRequest>(
  Type.Union([...callbacks.map(({ schema }) => schema), Custom], {
    title: 'Callback',
    description: 'Acts between training steps',
  }),
);
