/**
 * A worker thread of the WebAssembly engine: runs the code that the package holds as text, for browsers. `threads.ts`
 * starts it.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

const require = createRequire(import.meta.url);
const { wasmWorkerContents } =
  require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js') as {
    wasmWorkerContents: string;
  };

// It is a CommonJS script, and where its strings had an escaped line break, the text has a real one.
Object.assign(globalThis, { require, __filename: fileURLToPath(import.meta.url) });
runInThisContext(wasmWorkerContents.replaceAll('\n', '\\n'));
