/** The engine that the workers will load, installed if need be. */
import type { Config } from '../config.js';
import type { OnProgress } from '../download/progress.js';
import { cudaHint, nativeEngine, type NativeEngine } from '../engine/native/install/installed.js';
import { OnecycleError } from '../errors.js';

/** What workers will compute with. */
export interface EnsuredEngine {
  /** null: the WebAssembly engine runs. */
  native: NativeEngine | null;
  /** What the user should know: plain lines, each with the command that fixes it. */
  notes: string[];
}

/**
 * Installs the native engine if it is missing. Where that can't be done the WebAssembly engine runs, and a note says
 * why.
 * @throws OnecycleError `engine_not_installed` where ONECYCLE_ENGINE insists on TensorFlow.
 */
export async function ensureEngine(
  config: Pick<Config, 'engine'>,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<EnsuredEngine> {
  if (config.engine === 'wasm') return { native: null, notes: [] };
  const present = nativeEngine();
  const hint = cudaHint();
  if (present) return { native: present, notes: hint === null ? [] : [hint] };
  try {
    const { installEngine } = await import('../engine/native/install/index.js');
    const { engine } = await installEngine({ onProgress, signal });
    return { native: engine, notes: hint === null ? [] : [hint] };
  } catch (error) {
    if (!(error instanceof OnecycleError) || config.engine === 'tensorflow') throw error;
    const why = error.message.trimEnd().replace(/[^.!?]$/, '$&.');
    return {
      native: null,
      notes: [
        `${why} The slower WebAssembly engine is used until this is fixed; then run: npx onecycle engine install`,
      ],
    };
  }
}
