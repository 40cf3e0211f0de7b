import { OnecycleError } from '../../errors.js';
import type { Callback } from '../events.js';
import type { StepOptions } from '../gradients.js';
import { builtIn, builtInNames, type CallbackSpec, type OwnCallbacks } from './index.js';

/** What the callbacks of a spec come to. */
export interface MadeCallbacks {
  callbacks: Callback[];
  /** What they choose of the step; where two choose the same, the later one's. */
  step: StepOptions;
  /** Whether one of them sees to losses that are not finite. */
  handlesNaN: boolean;
}

/**
 * Makes the callbacks that a spec names: in a finder's job those that act `inFinder`. `own` are the custom ones there
 * are.
 * @throws OnecycleError `invalid_spec` for a name that there is no callback of
 */
export function makeCallbacks(
  specs: readonly CallbackSpec[],
  { finder = false, own = new Map() }: { finder?: boolean; own?: OwnCallbacks } = {},
): MadeCallbacks {
  const known = specs.map(({ name, ...args }) => {
    const callback = builtIn(name) ?? own.get(name);
    if (callback !== undefined) return { callback, args };
    const names = [...builtInNames, ...own.keys()].join(', ');
    throw new OnecycleError('invalid_spec', `There is no callback ${name}; available: ${names}`);
  });
  const acting = known.filter(({ callback }) => !finder || callback.inFinder === true);
  const parts = acting.map(({ callback, args }) => callback.create(args));
  return {
    callbacks: parts.flatMap(({ callback }) => callback ?? []),
    step: parts.reduce<StepOptions>((step, part) => ({ ...step, ...part.step }), {}),
    handlesNaN: acting.some(({ callback }) => callback.handlesNaN === true),
  };
}
