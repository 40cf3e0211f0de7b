import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../backend.js';
import { encodeConfig, servingTag, type SessionConfig } from './graph.js';

const prefix = 'onecycle-graph-';
/** A graph is in its folder for seconds at most; older ones are of processes that were killed in them. */
const leftAfterMs = 3_600_000;
let looked = false;

function removeLeftovers(): void {
  looked = true;
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    try {
      if (Date.now() - statSync(folder).mtimeMs > leftAfterMs) remove(folder);
    } catch {
      // another process removes it, or it is another user's
    }
  }
}

/** A graph in a temporary folder, the only form in which TensorFlow takes one; `graph`: the bytes of a `saved_model.pb`. */
function written(binding: Binding, graph: Uint8Array, config: SessionConfig): string {
  if (!looked) removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), graph);
    writeFileSync(join(folder, 'session_config.pb'), encodeConfig(config, binding.isUsingGpuDevice()));
    return folder;
  } catch (error) {
    remove(folder);
    throw error;
  }
}

const remove = (folder: string): void => rmSync(folder, { recursive: true });

/**
 * Loads a graph into TensorFlow, by way of a temporary folder, and returns its number in the addon.
 * @param graph the bytes of a `saved_model.pb`
 * @throws Error with TensorFlow's words if it does not take the graph
 */
export function loadGraph(binding: Binding, graph: Uint8Array, config: SessionConfig): number {
  const folder = written(binding, graph, config);
  try {
    return binding.loadSavedModel(folder, servingTag);
  } finally {
    remove(folder);
  }
}

/**
 * A graph that a thread loads meanwhile. There is one at a time: `load` or `drop` must come before any other graph is
 * loaded.
 */
export class LoadingGraph {
  readonly #binding: Binding;
  readonly #folder: string;

  /** @param functions those to make ready to run: the nodes to feed and to fetch, separated by commas */
  constructor(
    binding: Binding,
    graph: Uint8Array,
    config: SessionConfig,
    functions: readonly { feeds: string; fetches: string }[],
  ) {
    this.#binding = binding;
    this.#folder = written(binding, graph, config);
    const lines = functions.map(({ feeds, fetches }) => `${feeds}>${fetches}`);
    binding.preloadSavedModel(this.#folder, servingTag, lines.join('\n'));
  }

  /** As `loadGraph`, once the thread is done. */
  load(): number {
    try {
      return this.#binding.loadSavedModel(this.#folder, servingTag);
    } finally {
      remove(this.#folder);
    }
  }

  /** Gives it up, once the thread is done. */
  drop(): void {
    this.#binding.dropPreloadedModel();
    remove(this.#folder);
  }
}
