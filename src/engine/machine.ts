/** What numbers may differ by to the bit beside the engine's version and its threads. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

let known: string | undefined;

/**
 * The processor's model, and a hash of the instructions that it has: a virtual machine may hide some of them and keep the
 * name, and oneDNN and our own ops add up in another order then.
 */
export const processor = (): string => (known ??= `${cpus()[0]?.model ?? process.arch} ${instructions()}`);

/** Node does not tell. Where the system has no such file a model has the same ones wherever it is. */
function instructions(): string {
  const [, names = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo()) ?? [];
  return createHash('sha256').update(names.trim()).digest('hex').slice(0, 12);
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}

/** The environment's switches of TensorFlow's and of NVIDIA's libraries, by name. */
export const switches = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env)
      .filter(([name]) => /^(TF_(?!CPP_)|ONEDNN_|XLA_|NVIDIA_TF32_)/.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
