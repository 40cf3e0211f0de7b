/** Each engine does all that an engine must. A new engine is a line here and one in `engines.ts`. */
import { conformance } from './conformance.js';

conformance('tensorflow');
conformance('tensorflow', 'tensorflow, eager');
conformance('wasm');
