/** A worker thread of the WebAssembly engine: runs the code that the package keeps for one as text, for browsers. `threads.ts` starts it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

const require = createRequire(import.meta.url);
const { wasmWorkerContents } =
  require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js') as {
    wasmWorkerContents: string;
  };

// It was written as a CommonJS script, and in its text a line break within a string has become a real one.
Object.assign(globalThis, { require, __filename: fileURLToPath(import.meta.url) });
runInThisContext(wasmWorkerContents.replaceAll('\n', '\\n'));
