/** The parts of a Learner from what a script says of it. */
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCallbacks } from '../learner/index.js';
import { nameData } from './data.js';
import { engineOf } from './engine.js';
import { learnerParts, type SpecFiles } from './learner-from-spec.js';
import type { LearnerOptions } from './learner-options.js';
import { inScriptsNames } from './naming.js';
import { checkOptions, resolveOptions } from './options.js';
import { Recorder } from './recorder.js';

/** Folders of this process that nobody needs after it. */
const folders = new Set<string>();
process.once('exit', () => folders.forEach(removeScratch));

/** A folder for what does not fit into memory. */
async function makeScratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-learner-'));
  folders.add(folder);
  return folder;
}

/** Removes a Learner's folder. */
export function removeScratch(folder: string): void {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** @throws OnecycleError `invalid_spec` with everything that is wrong; as data, models and engines do */
export async function partsOf(options: unknown): Promise<LearnerOptions> {
  checkOptions(options);
  const scratch = await makeScratch();
  try {
    const named = await inScriptsNames('Learner.create', () => nameData(options.data, scratch));
    const { spec, weights, callbacks } = resolveOptions(options, named);
    const files: SpecFiles = { ...named.files };
    if (weights) await writeFile((files.weights = join(scratch, 'weights.json')), weights);
    const { lr, moms, engine = 'auto', logging } = options;
    const loading = typeof engine === 'string' ? engineOf(engine) : engine;
    const reading = { scratch, ...(named.inline && { inline: named.inline }) };
    const [loaded, { options: parts, kept }] = await Promise.all([loading, learnerParts(spec, files, reading)]);
    const made = makeCallbacks(spec.callbacks);
    return {
      engine: loaded,
      ...parts,
      ...(lr !== undefined && { lr }),
      ...(moms && { moms }),
      metrics: spec.metrics,
      callbacks: [...made.callbacks, ...callbacks],
      step: made.step,
      recorder: new Recorder(spec.metrics),
      kept,
      scratch,
      ...(logging !== undefined && { logging }),
    };
  } catch (error) {
    removeScratch(scratch);
    throw error;
  }
}
