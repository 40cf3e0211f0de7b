/**
 * The MobileNetV2 of npm's nsfwjs 4.3.0, which is pinned by its hash: a TensorFlow.js LayersModel of quantized weights,
 * written as JavaScript. What is data in it is picked out of its text; none of it is run. Its layers are Keras's, and
 * get torchvision's names.
 */
import { product } from '../../numbers/nested.js';
import { unreadable } from './unreadable.js';
import type { TensorEntry } from './tensor-source.js';

const manifestEntry =
  /\{name:"([\w/]+)",shape:\[([\d,]*)\],dtype:"float32",quantization:\{min:(-?[\d.e-]+),scale:([\d.e-]+),dtype:"uint8"\}\}/g;

/**
 * Its tensors, kernels as TensorFlow has them, named as the layers of the body `mobilenet_v2` are.
 * @throws OnecycleError `invalid_model` where the files are others
 */
export function readNsfwjs(files: ReadonlyMap<string, Uint8Array>): TensorEntry[] {
  const textOf = (name: string): string => Buffer.from(files.get(name) ?? []).toString('latin1');
  const [model, shard] = [textOf('model.min.js'), textOf('group1-shard1of1.min.js')];
  const bytes = Buffer.from(/[A-Za-z0-9+/=]{100000,}/.exec(shard)?.[0] ?? '', 'base64');
  let at = 0;
  const tensors = [...model.matchAll(manifestEntry)].map(([, name, sizes, min, scale]) => {
    const shape = sizes.split(',').map(Number);
    const begin = at;
    at += product(shape);
    const values = bytes.subarray(begin, at);
    const read = () => Promise.resolve(Float32Array.from(values, (q) => q * Number(scale) + Number(min)));
    return { name: torchvisionName(name), shape, read };
  });
  if (at !== bytes.length || tensors.length < 260) throw unreadable('it is a different release of nsfwjs');
  return tensors;
}

const parameters: Partial<Record<string, string>> = { depthwise_kernel: 'kernel' };

/** `block_1_expand_BN/gamma` → `features.2.conv.0.1.gamma` */
function torchvisionName(keras: string): string {
  const [layer, parameter] = keras.split('/');
  return `${layerName(layer)}.${parameters[parameter] ?? parameter}`;
}

function layerName(layer: string): string {
  const ends: Partial<Record<string, string>> = {
    Conv1: 'features.0.0',
    bn_Conv1: 'features.0.1',
    Conv_1: 'features.18.0',
    Conv_1_bn: 'features.18.1',
  };
  const end = ends[layer];
  if (end !== undefined) return end;
  const found = /^(?:block_(?<block>\d+)|expanded_conv)_(?<part>expand|depthwise|project)(?<norm>_BN)?$/.exec(layer);
  const groups = new Map(Object.entries(found?.groups ?? {}));
  const [block, part, norm] = ['block', 'part', 'norm'].map((name) => groups.get(name));
  if (part === undefined) return layer; // its own head
  const first = block === undefined ? 0 : 1;
  const at = `features.${Number(block ?? 0) + 1}.conv`;
  if (part === 'expand') return `${at}.0.${norm ? 1 : 0}`;
  if (part === 'depthwise') return `${at}.${first}.${norm ? 1 : 0}`;
  return `${at}.${first + (norm ? 2 : 1)}`;
}
