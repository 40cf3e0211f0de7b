/** An engine is one line here, and one in `engines.ts`. */
import { conformance } from './conformance.js';

conformance('tensorflow');
conformance('tensorflow', 'tensorflow, eager');
conformance('wasm');
