/** Callbacks of one's own: modules that ONECYCLE_CALLBACKS names. The API reads names and arguments off them, a trainer makes the callbacks. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TSchema } from 'typebox';
import { OnecycleError } from '../errors.js';
import { callbackSchemas } from './schema/callbacks.js';

/** One callback of a module; `Parts` is what the learner makes of it. */
export interface OwnCallback<Parts = unknown> {
  description?: string;
  /** JSON Schema of the arguments, an object; any arguments are taken where it is left out. */
  schema?: TSchema;
  /** `signals`: the learner's `cancelFit` and its like, so that a module needs no import. */
  create: (args: object, signals: object) => Parts;
}

/** By name. */
export type OwnCallbacks<Parts = unknown> = ReadonlyMap<string, OwnCallback<Parts>>;

/** The modules that the variable ONECYCLE_CALLBACKS names, separated by commas, as absolute paths. */
export const modulePaths = (variable = ''): string[] =>
  variable.split(',').flatMap((path) => (path.trim() === '' ? [] : [resolve(path.trim())]));

/** @throws OnecycleError `invalid_configuration` that says what is wrong with which module */
export async function loadOwnCallbacks<Parts = unknown>(paths: readonly string[]): Promise<OwnCallbacks<Parts>> {
  const found = new Map<string, OwnCallback<Parts>>();
  for (const path of paths) {
    for (const [name, entry] of Object.entries(await exported(path))) {
      if (!/^[a-z]\w*$/i.test(name))
        throw wrong(path, `the name ${JSON.stringify(name)} must be of letters, digits and _, and begin with a letter`);
      if (name in callbackSchemas || found.has(name)) throw wrong(path, `there already is a callback ${name}`);
      found.set(name, checked<Parts>(path, name, entry));
    }
  }
  return found;
}

async function exported(path: string): Promise<object> {
  const module = (await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw new OnecycleError(
      'invalid_configuration',
      `ONECYCLE_CALLBACKS: ${path} cannot be loaded: ${String(error)}`,
      [],
      { cause: error },
    );
  })) as { callbacks?: unknown };
  if (!isObject(module.callbacks)) throw wrong(path, 'it must export an object `callbacks`, with a callback by name');
  return module.callbacks;
}

/** A function is taken for `create`. */
function checked<Parts>(path: string, name: string, entry: unknown): OwnCallback<Parts> {
  const callback = typeof entry === 'function' ? { create: entry } : entry;
  if (!isObject(callback) || typeof callback.create !== 'function')
    throw wrong(path, `${name} must be a function, or an object with a function \`create\``);
  if (callback.schema !== undefined && !(isObject(callback.schema) && callback.schema.type === 'object'))
    throw wrong(path, `the schema of ${name} must be a JSON Schema with \`type: 'object'\``);
  return callback as unknown as OwnCallback<Parts>;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const wrong = (path: string, what: string): OnecycleError =>
  new OnecycleError('invalid_configuration', `ONECYCLE_CALLBACKS: ${path}: ${what}.`);
