/** The engine of this process, loaded once. */
import { engineSettings } from '../config.js';
import { loadEngine as load, type Engine, type EngineName, type EngineOptions } from '../engine/index.js';
import { wrongArgument } from './naming.js';

/** Which engine computes: `auto` is native TensorFlow where it is installed, else WebAssembly, which is said. */
export type EngineChoice = 'auto' | EngineName;

/** What may stand for an engine. */
export const engineChoices: readonly EngineChoice[] = ['auto', 'tensorflow', 'wasm'];

const note =
  'onecycle: the native engine is not installed, so the slower WebAssembly engine is used. ' +
  'To install it: npx onecycle engine install\n';
/**
 * Loads an engine into this process, once; where WebAssembly runs because nothing else is there, a line on stderr says
 * so.
 * @throws OnecycleError `engine_not_installed` if the one that was named is not there
 */
export async function loadEngine(options: EngineOptions = {}): Promise<Engine> {
  const engine = await load(options);
  if (engine.name === 'wasm' && options.name === undefined) process.stderr.write(note);
  return engine;
}

let loaded: Promise<Engine> | null = null;

/**
 * The engine of this process. `auto` is what ONECYCLE_ENGINE says, if it says something.
 * @throws OnecycleError `engine_not_installed` as `loadEngine`; `invalid_spec` where the process has another one
 */
export async function engineOf(choice: EngineChoice): Promise<Engine> {
  const settings = engineSettings();
  const name = choice === 'auto' ? settings.name : choice;
  loaded ??= loadEngine({ ...settings, name });
  const engine = await loaded.catch((error: unknown) => {
    loaded = null; // it may be installed by the next call
    throw error;
  });
  if (name === undefined || engine.name === name) return engine;
  throw wrongArgument(
    'Learner.create',
    '/engine',
    `must be ${engine.name}: a process has one engine, and this one has loaded it`,
  );
}
