import type { ProgramOutline, Run } from '../../contract.js';
import type { Binding } from '../backend.js';
import type { Compiled } from '../tracing/compile.js';
import { CompiledRun, load, type LoadedGraph } from '../tracing/compiled-run.js';
import { type EngineBuild, graphKey } from './graph-key.js';
import type { GraphStore } from './graph-store.js';
import { SpareGraphs } from './spare-graphs.js';

/** Where compiled programs are kept. */
export type Store = Pick<GraphStore, 'get' | 'put' | 'remove'>;

/**
 * Runs of programs that may have been compiled before: a graph that is loaded already, one from the store, which was
 * checked before it was put there, or else a new one. A run has the same numbers whichever it is.
 */
export class KeptGraphs {
  private readonly spare: SpareGraphs;

  constructor(
    private readonly binding: Binding,
    private readonly build: EngineBuild,
    private readonly store: Store,
  ) {
    this.spare = new SpareGraphs(binding);
  }

  /** How many graphs are loaded that no run uses. */
  get spareCount(): number {
    return this.spare.count;
  }

  /** A run of an outline's program. `compile` compiles it where that is needed, or returns a run that is not compiled. */
  run({ shapedBy, values, make }: ProgramOutline, compile: (program: ReturnType<typeof make>) => Compiled | Run): Run {
    const key = graphKey(this.build, shapedBy);
    const kept = this.spare.take(key) ?? this.stored(key);
    if (kept !== null) return this.started(key, kept, values);
    const compiled = compile(make());
    if (!('loaded' in compiled)) return compiled;
    this.store.put(key, compiled.program);
    return this.started(key, compiled.loaded, values);
  }

  private stored(key: string): LoadedGraph | null {
    const program = this.store.get(key);
    if (program === null) return null;
    try {
      return load(this.binding, program);
    } catch {
      this.store.remove(key); // TensorFlow did not take it: it is compiled anew
      return null;
    }
  }

  private started(key: string, loaded: LoadedGraph, values: readonly Float32Array[]): Run {
    const run = new CompiledRun(this.binding, loaded, () => this.spare.put(key, loaded));
    run.write(values);
    return run;
  }
}
