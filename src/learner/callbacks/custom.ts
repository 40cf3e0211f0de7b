/** Callbacks that are not of this folder: a module names them (ONECYCLE_CALLBACKS, docs/callbacks.md), or a script. */
import type { TSchema } from 'typebox';
import { isObject, type JsonObject } from '../../schema/json.js';
import { signals } from '../events.js';
import type { CallbackParts, CallbackTraits, NamedCallback } from './callback.js';

/** A custom callback, as a module's `callbacks` has it by name. */
export interface OwnCallback<Args extends object = Record<string, unknown>> extends CallbackTraits {
  description?: string;
  /** JSON Schema of the arguments: requests are checked against it, and its defaults filled in. */
  schema?: object;
  /** Makes it for one job. `cancel`: fastai's signals, so that a module needs no import. */
  create(args: Args, cancel: typeof signals): CallbackParts;
}

/** Custom callbacks by name. */
export type OwnCallbacks = ReadonlyMap<string, NamedCallback>;

/**
 * A custom callback beside the built-in ones. Its schema is completed here, once: it then refuses arguments it does not
 * list.
 */
export function customCallback(name: string, own: OwnCallback): NamedCallback {
  const { schema, inFinder = false, handlesNaN = false } = own;
  const defaults = schema === undefined ? {} : defaultsOf(schema);
  const complete = (args: JsonObject): JsonObject => ({ ...structuredClone(defaults), ...args });
  const argumentsSchema: TSchema | null = schema === undefined ? null : { additionalProperties: false, ...schema };
  return {
    name,
    inFinder,
    handlesNaN,
    arguments: argumentsSchema,
    complete,
    create: (args) => own.create(complete(args), signals),
  };
}

/** A module's schema is plain JSON Schema: a property's may be a mere `true`, or have a default of any kind. */
function defaultsOf(schema: object): JsonObject {
  const properties: unknown = 'properties' in schema ? schema.properties : undefined;
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) =>
      isObject(property) && property.default !== undefined ? [[name, property.default] as const] : [],
    ),
  );
}
