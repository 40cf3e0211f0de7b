/** Loads an engine, by the options in the argument, and says which it is or why there is none (see load.test.ts). */
import { OnecycleError } from '../../src/errors.js';
import { loadEngine, type EngineOptions } from '../../src/engine/index.js';

const loaded = loadEngine(JSON.parse(process.argv[2]) as EngineOptions).then(
  ({ name }) => name,
  (error: unknown) => (error instanceof OnecycleError ? error.code : String(error)),
);
console.log(await loaded);
