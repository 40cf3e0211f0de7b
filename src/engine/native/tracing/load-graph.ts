import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../backend.js';
import { encodeConfig, servingTag, type SessionConfig } from './graph.js';

/**
 * Loads a graph into TensorFlow, by way of a temporary folder, and returns its number in the addon.
 * @param graph the bytes of a `saved_model.pb`
 * @throws Error with TensorFlow's words if it does not take the graph
 */
export function loadGraph(binding: Binding, graph: Uint8Array, config: SessionConfig): number {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), graph);
    writeFileSync(join(folder, 'session_config.pb'), encodeConfig(config));
    return binding.loadSavedModel(folder, servingTag);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
