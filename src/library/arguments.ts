/** The arguments of the Learner's methods, as the policies of a job. */
import { invalidSpec, invalidSpecs } from '../errors.js';
import { makeCallbacks, type Callback } from '../learner/index.js';
import { builtIn, builtInNames, CallbackSchema, type CallbackRequest } from '../learner/callbacks/index.js';
import { completeCallbacks } from '../request/callbacks.js';
import type { PolicyName, PolicySpec, SpecOf } from '../schedule/index.js';
import { problemsOf } from '../schema/check.js';
import { isObject } from '../schema/json.js';
import { argumentNames, camel, inSnake, type Camel } from './naming.js';
import { callbackProblems, isCallback } from './options.js';

/** A callback, or as a job's request has it. */
export type CallbackOption = Callback | CallbackRequest;

/** fastai's arguments of a policy, less those that stand before them. */
export type ArgumentsOf<Name extends PolicyName, Given extends string = never> = Camel<
  Omit<SpecOf<Name>, 'name' | Given>
> & {
  /** For this call alone, beside the Learner's. */
  callbacks?: readonly CallbackOption[];
};

/** A rate alone, or all arguments by name. */
export type RateOr<Arguments> = number | Arguments;

/** What a method is called with, as a job's policy, and the callbacks of the call. */
export interface Call {
  policy: PolicySpec;
  callbacks: Callback[];
}

/**
 * @param before the arguments that stand first, `rate` the name of what a number in place of the others means
 * @throws OnecycleError `invalid_spec`; what is wrong with the policy's own arguments is found when it is planned
 */
export function callOf(name: PolicyName, before: object, args: unknown, rate?: string): Call {
  const named = typeof args === 'number' && rate !== undefined ? { [rate]: args } : args;
  if (!isObject(named)) {
    const what = rate === undefined ? 'an object' : 'a rate, or an object';
    throw invalidSpec('', `the arguments must be ${what} of them by name, not ${JSON.stringify(args)}`);
  }
  const { callbacks = [], ...own } = named;
  const given = inSnake(own);
  checkNames(name, before, given);
  const policy = { name, ...before, ...given } as PolicySpec; // checked when it is planned
  return { policy, callbacks: callbacksOf(callbacks) };
}

function checkNames(policy: PolicyName, before: object, given: object): void {
  const known = argumentNames(policy).filter((name) => !(name in before));
  const names = [...known.map(camel), 'callbacks'].join(', ');
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw invalidSpecs(
      unknown.map((name) => ({ pointer: `/${camel(name)}`, detail: `is not an argument; the arguments are ${names}` })),
    );
}

function callbacksOf(given: unknown): Callback[] {
  const problems = callbackProblems(given);
  if (problems.length > 0) throw invalidSpecs(problems);
  return (given as readonly CallbackOption[]).flatMap((each, i) => (isCallback(each) ? [each] : made(each, i)));
}

/** The callback that a request's words mean. */
function made(request: CallbackRequest, i: number): Callback[] {
  const { name } = request;
  const at = `/callbacks/${i}`;
  if (!builtIn(name)) throw invalidSpec(`${at}/name`, `must be one of ${builtInNames.join(', ')}, not ${name}`);
  const problems = problemsOf(CallbackSchema, request, at);
  if (problems.length > 0) throw invalidSpecs(problems);
  const { callbacks, step } = makeCallbacks(completeCallbacks([request]));
  if (Object.keys(step).length === 0) return callbacks;
  throw invalidSpec(at, `${name} is compiled into the step: pass it to Learner.create`);
}
