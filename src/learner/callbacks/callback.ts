/** What a file of this folder says of a callback that requests can name. */
import { Type, type Static, type TLiteral, type TObject, type TProperties, type TSchema } from 'typebox';
import { complete, type Complete } from '../../schema/complete.js';
import { strict } from '../../schema/fields.js';
import type { JsonObject } from '../../schema/json.js';
import type { Callback } from '../events.js';
import type { StepOptions } from '../gradients.js';

/**
 * What a named callback is made of: something that acts between steps, or a choice that shapes the step itself, or
 * both.
 */
export interface CallbackParts {
  callback?: Callback;
  step?: StepOptions;
}

/** What a callback says of its place beside others. */
export interface CallbackTraits {
  /** Whether it acts in a learning-rate finder too. Default false: a finder looks at no epoch. */
  readonly inFinder?: boolean;
  /** Whether it sees to losses that are not finite, so that the job need not fail with `diverged`. Default false. */
  readonly handlesNaN?: boolean;
}

/** A callback that requests can name: one of this folder, or one that a module brought. */
export interface NamedCallback extends CallbackTraits {
  readonly name: string;
  /** Of the arguments, without the name; null where any are taken. */
  readonly arguments: TSchema | null;
  /** The arguments with their defaults. */
  complete(args: JsonObject): JsonObject;
  /** Makes it. `args` have been checked; those left out take their defaults. */
  create(args: JsonObject): CallbackParts;
}

/** A callback of this folder, with the schema of what a request says of it. */
export interface BuiltInCallback<Name extends string, Arguments extends TProperties> extends NamedCallback {
  readonly name: Name;
  /** The name and the arguments. */
  readonly schema: TObject<{ name: TLiteral<Name> } & Arguments>;
}

/**
 * Declares a callback: its name, its arguments with their defaults, what it means to other parts, and how it is made.
 */
export function defineCallback<const Name extends string, Arguments extends TProperties>({
  name,
  description,
  arguments: properties,
  create,
  ...traits
}: CallbackTraits & {
  name: Name;
  description: string;
  arguments: Arguments;
  create: (args: Complete<TObject<Arguments>>) => CallbackParts;
}): BuiltInCallback<Name, Arguments> {
  const argumentsSchema = strict(properties);
  // Whoever makes callbacks has checked their arguments: `NamedCallback.create` asks for it.
  const completed = (args: JsonObject) => complete(argumentsSchema, args as Static<typeof argumentsSchema>);
  return {
    ...traits,
    name,
    arguments: argumentsSchema,
    schema: strict({ name: Type.Literal(name), ...properties }, { title: `Callback_${name}`, description }),
    complete: (args) => ({ ...completed(args) }),
    create: (args) => create(completed(args)),
  };
}
