import type { Binding } from '../backend.js';
import { clearVariables, type LoadedGraph } from '../tracing/compiled-run.js';

const maxGraphs = 4;

/**
 * Loaded graphs that no run uses, for the next one of the same program: a finder's fit, a sweep's next job. Their
 * variables hold nothing; whoever takes one writes them all before anything reads them.
 */
export class SpareGraphs {
  readonly #binding: Binding;
  /** The one that was put in last comes last. */
  readonly #graphs: { key: string; loaded: LoadedGraph }[] = [];

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  get count(): number {
    return this.#graphs.length;
  }

  /** Whether there is one of this key's. */
  has(key: string): boolean {
    return this.#graphs.some((graph) => graph.key === key);
  }

  /** One of this key's, which is a spare one no more; null if there is none. */
  take(key: string): LoadedGraph | null {
    const index = this.#graphs.findLastIndex((graph) => graph.key === key);
    return index < 0 ? null : this.#graphs.splice(index, 1)[0].loaded;
  }

  /** Takes over a graph that nobody uses, and frees what is too much then. */
  put(key: string, loaded: LoadedGraph): void {
    clearVariables(this.#binding, loaded);
    this.#graphs.push({ key, loaded });
    if (this.#graphs.length > maxGraphs) this.#binding.deleteSavedModel(this.#graphs.shift()!.loaded.model);
  }
}
