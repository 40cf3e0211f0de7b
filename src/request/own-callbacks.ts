/**
 * Custom callbacks: modules that ONECYCLE_CALLBACKS names. The API reads names and arguments off them, a trainer makes
 * the callbacks.
 */
import { pathToFileURL } from 'node:url';
import { OnecycleError } from '../errors.js';
import { builtIn, customCallback } from '../learner/callbacks/index.js';
import type { NamedCallback, OwnCallback, OwnCallbacks } from '../learner/callbacks/index.js';
import { isObject, type JsonObject } from '../schema/json.js';

// For the API, which must not import the learner.
export type { OwnCallbacks } from '../learner/callbacks/index.js';

/**
 * Loads the modules and takes their callbacks.
 * @throws OnecycleError `invalid_configuration` that says what is wrong with which module
 */
export async function loadOwnCallbacks(paths: readonly string[]): Promise<OwnCallbacks> {
  const found = new Map<string, NamedCallback>();
  for (const path of paths) {
    for (const [name, entry] of Object.entries(await exported(path))) {
      if (!/^[a-z]\w*$/i.test(name))
        throw wrong(
          path,
          `the name ${JSON.stringify(name)} must consist of letters, digits and _, and begin with a letter`,
        );
      if (builtIn(name) || found.has(name)) throw wrong(path, `there is already a callback ${name}`);
      found.set(name, customCallback(name, checked(path, name, entry)));
    }
  }
  return found;
}

async function exported(path: string): Promise<JsonObject> {
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new OnecycleError(
      'invalid_configuration',
      `ONECYCLE_CALLBACKS: ${path} cannot be loaded: ${String(error)}`,
      [],
      { cause: error },
    );
  });
  if (!isObject(module) || !isObject(module.callbacks))
    throw wrong(path, 'it must export an object `callbacks` with callbacks by name');
  return module.callbacks;
}

/** A function is taken for `create`. */
function checked(path: string, name: string, entry: unknown): OwnCallback {
  const callback = typeof entry === 'function' ? { create: entry } : entry;
  if (!hasCreate(callback)) throw wrong(path, `${name} must be a function, or an object with a function \`create\``);
  const { schema, inFinder = false, handlesNaN = false } = callback;
  if (schema !== undefined && !(isObject(schema) && schema.type === 'object'))
    throw wrong(path, `the schema of ${name} must be a JSON Schema with \`type: 'object'\``);
  if (typeof inFinder !== 'boolean' || typeof handlesNaN !== 'boolean')
    throw wrong(path, `\`inFinder\` and \`handlesNaN\` of ${name} must be true or false`);
  return callback;
}

/** What `create` takes and returns, no check can tell. */
const hasCreate = (value: unknown): value is OwnCallback => isObject(value) && typeof value.create === 'function';

const wrong = (path: string, what: string): OnecycleError =>
  new OnecycleError('invalid_configuration', `ONECYCLE_CALLBACKS: ${path}: ${what}.`);
