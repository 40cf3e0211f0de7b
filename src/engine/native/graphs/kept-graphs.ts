import type { ProgramOutline, Run } from '../../contract.js';
import type { JsonObject } from '../../../schema/json.js';
import type { Binding } from '../backend.js';
import type { Compiled } from '../tracing/compile.js';
import type { CompiledProgram } from '../tracing/compiled-program.js';
import { CompiledRun, load, type LoadedGraph, startLoading } from '../tracing/compiled-run.js';
import type { LoadingGraph } from '../tracing/load-graph.js';
import { type EngineBuild, graphKey } from './graph-key.js';
import type { GraphStore } from './graph-store.js';
import { SpareGraphs } from './spare-graphs.js';

/** Where compiled programs are kept. */
export type Store = Pick<GraphStore, 'get' | 'put' | 'remove' | 'keyOf' | 'setKeyOf'>;

/** What the next program is for, and what was found out about that. */
interface Expected {
  /** A hash of what it is for. */
  purpose: string;
  /** The key of the program that this was last time. */
  key: string | null;
  /** Its graph, which a thread loads. */
  loading: { program: CompiledProgram; graph: LoadingGraph } | null;
}

/**
 * Runs of programs that may have been compiled before: a graph that is loaded already, one from the store, which was
 * checked before it was put there, or else a new one. A run has the same numbers whichever it is.
 */
export class KeptGraphs {
  private readonly spare: SpareGraphs;
  private expected: Expected | null = null;

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

  /**
   * Notes what the next program is for. Where the last one for this is in the store, it is loaded at once, on a thread:
   * the program itself is only known when rows are read and the model is planned.
   */
  expect(what: JsonObject): void {
    this.forgetExpected();
    const purpose = graphKey(this.build, { purpose: what });
    const key = this.store.keyOf(purpose);
    const program = key === null || this.spare.has(key) ? null : this.store.get(key);
    this.expected = { purpose, key, loading: program && this.loading(program) };
  }

  /** A run of an outline's program. `compile` compiles it where that is needed, or returns a run that is not compiled. */
  run({ shapedBy, values, make }: ProgramOutline, compile: (program: ReturnType<typeof make>) => Compiled | Run): Run {
    const key = graphKey(this.build, shapedBy);
    const kept = this.takeExpected(key) ?? this.spare.take(key) ?? this.stored(key);
    if (kept !== null) return this.started(key, kept, values);
    const compiled = compile(make());
    if (!('loaded' in compiled)) return compiled;
    this.store.put(key, compiled.program);
    return this.started(key, compiled.loaded, values);
  }

  private loading(program: CompiledProgram): Expected['loading'] {
    try {
      return { program, graph: startLoading(this.binding, program) };
    } catch {
      return null; // where it can't be, it is loaded when it is needed
    }
  }

  /** The graph that was expected, if this is its key; it is noted for the next time if it is not. */
  private takeExpected(key: string): LoadedGraph | null {
    const { expected } = this;
    if (expected === null) return null;
    if (expected.key !== key) this.store.setKeyOf(expected.purpose, key);
    if (expected.key !== key || expected.loading === null) {
      this.forgetExpected();
      return null;
    }
    this.expected = null;
    const { program, graph } = expected.loading;
    return this.taken(key, () => load(this.binding, program, graph.load()));
  }

  private forgetExpected(): void {
    this.expected?.loading?.graph.drop();
    this.expected = null;
  }

  private stored(key: string): LoadedGraph | null {
    const program = this.store.get(key);
    return program && this.taken(key, () => load(this.binding, program));
  }

  /** A graph of the store's; null if TensorFlow does not take it: it is compiled anew. */
  private taken(key: string, loaded: () => LoadedGraph): LoadedGraph | null {
    try {
      return loaded();
    } catch {
      this.store.remove(key);
      return null;
    }
  }

  private started(key: string, loaded: LoadedGraph, values: readonly Float32Array[]): Run {
    const run = new CompiledRun(this.binding, loaded, () => this.spare.put(key, loaded));
    run.write(values);
    return run;
  }
}
