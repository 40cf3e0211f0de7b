/** Where an attempt goes on from. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { threadCount } from '../../src/config.js';
import { OnecycleError } from '../../src/errors.js';
import { type Engine, processor, switches } from '../../src/engine/index.js';
import { readCheckpoint, type Checkpoint, type Learner } from '../../src/learner/index.js';
import type { FromTrainer, StoredCheckpoint } from '../protocol.js';

type Started = Extract<FromTrainer, { type: 'started' }>;

/** What an attempt goes on from, and what it has to say of it. */
export interface Resumption {
  checkpoint: Checkpoint | undefined;
  resumed: Started['resumed'];
  damaged: Started['damaged'];
}

/** The first of the checkpoints that is whole. `machine`: what this one computes with. */
export function resumption(learn: Learner, stored: readonly StoredCheckpoint[], machine: string): Resumption {
  const damaged: Started['damaged'] = [];
  for (const each of stored) {
    try {
      const { checkpoint, metadata } = readCheckpoint(learn, whole(each));
      return { checkpoint, resumed: resumedOf(each, checkpoint, metadata.machine === machine), damaged };
    } catch (error) {
      damaged.push({ id: each.id, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { checkpoint: undefined, resumed: null, damaged };
}

/** All that a step's bits depend on beside the checkpoint: the engine, its switches, the processor, the threads. */
export function machineOf({ name, version, device }: Engine, mode: string): string {
  // A card's sums come in no fixed order: no two of its runs are the same for sure, and so no two of these texts.
  const where = device.startsWith('cpu') ? processor() : `${device}, ${randomUUID()}`;
  return [name, version, mode, where, `${threadCount()} threads`, JSON.stringify(switches())].join('; ');
}

function whole({ path, sha256 }: StoredCheckpoint): Buffer {
  const bytes = readFileSync(path);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new OnecycleError('bad_data', 'Its checksum does not match');
  return bytes;
}

function resumedOf({ id }: StoredCheckpoint, { position, snapshot }: Checkpoint, same: boolean): Started['resumed'] {
  const { epochsDone: epoch, iterationsDone: iteration } = snapshot;
  const equality = same ? 'exact' : 'equivalent';
  return { from: id, phase: position.phase, epoch, iteration, equality };
}
