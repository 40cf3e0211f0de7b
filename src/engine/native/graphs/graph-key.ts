/** What a compiled program is found by: a hash of all that its graph, and the verdict on it, depend on. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../schema/json.js';
import { processor, switches } from '../../machine.js';
import { sha256 } from '../install/installed.js';
import type { NativeTensorFlow } from '../load.js';

/** What a graph depends on beside its program. */
export interface EngineBuild {
  /** Of everything of ours that may shape a graph: the build's (scripts/sources-hash.js). */
  sources: string;
  tensorflow: string;
  /** The hash of the addon, which has ops of ours. */
  addon: string;
  tensorflowJs: string;
  platform: string;
  /** A graph was checked on this processor, or card. */
  device: string;
  /** Switches of TensorFlow's and of NVIDIA's libraries. */
  variables: Record<string, string | undefined>;
}

/** How this process would compile; null where the build has left no hash of our sources. */
export function engineBuild({ tf, backend, version, addon }: NativeTensorFlow): EngineBuild | null {
  const sources = sourcesHash();
  if (sources === null) return null;
  return {
    sources,
    tensorflow: version,
    addon: sha256(addon),
    tensorflowJs: tf.version.tfjs,
    platform: `${process.platform}-${process.arch}`,
    device: backend.isUsingGpuDevice ? `gpu ${process.env.CUDA_VISIBLE_DEVICES ?? ''}` : processor(),
    variables: switches(),
  };
}

/** The key of a program that is `shapedBy` this. */
export const graphKey = (build: EngineBuild, shapedBy: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify([build, shapedBy]))
    .digest('hex');

/** `npm run build` writes it beside this file. */
function sourcesHash(): string | null {
  try {
    return readFileSync(new URL('sources.sha256', import.meta.url), 'utf8');
  } catch {
    return null;
  }
}
