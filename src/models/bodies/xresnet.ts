import type { LayerSpec } from '../layers/index.js';
import { cutAt, type Body } from './body.js';

/**
 * fastai's XResNet: a ResNet with the tweaks B, C and D of "Bag of tricks for image classification with convolutional
 * neural networks" (He and others, 2018). `blocks` per stage; with an `expansion` they are bottlenecks, that many times
 * as wide at their end. Named as fastai's nn.Sequential names its parts. Groups as its splitter: stem, stages.
 */
export const xresnet = (name: string, expansion: number, blocks: readonly number[]): Body => ({
  name,
  pixels: () => 'imagenet',
  groups(input) {
    const stem = [...input, ...[32, 32, 64].flatMap((filters, i) => activated(filters, 3, `${i}`, i === 0 ? 2 : 1))];
    const layers: LayerSpec[] = [...stem, { type: 'max_pool', size: 3, stride: 2, padding: 1 }];
    let channels = 64;
    blocks.forEach((count, stage) => {
      for (let i = 0; i < count; i++) {
        const stride = stage > 0 && i === 0 ? 2 : 1;
        const block = { filters: 64 * 2 ** stage, stride, expansion, at: `${stage + 4}.${i}` };
        channels = addBlock(layers, channels, block);
      }
    });
    return cutAt(layers, [stem.length, layers.length]);
  },
});

/** Basic blocks in stages of 2, 2, 2 and 2. */
export const xresnet18 = xresnet('xresnet18', 1, [2, 2, 2, 2]);
/** Basic blocks in stages of 3, 4, 6 and 3. */
export const xresnet34 = xresnet('xresnet34', 1, [3, 4, 6, 3]);
/** Bottlenecks in stages of 3, 4, 6 and 3. */
export const xresnet50 = xresnet('xresnet50', 4, [3, 4, 6, 3]);

/** fastai's ConvLayer `at`: its convolution is its part 0, its batch norm its part 1. */
const convolution = (filters: number, kernel: number, at: string, stride = 1): LayerSpec => ({
  type: 'conv2d',
  filters,
  kernel,
  stride,
  padding: (kernel - 1) / 2,
  use_bias: false,
  init: 'kaiming_normal',
  name: `${at}.0`,
});
const norm = (at: string) => ({ type: 'batch_norm', name: `${at}.1` }) as const;

const activated = (filters: number, kernel: number, at: string, stride = 1): LayerSpec[] => [
  convolution(filters, kernel, at, stride),
  norm(at),
  { type: 'relu' },
];

interface Block {
  filters: number;
  stride: number;
  expansion: number;
  at: string;
}

/**
 * Adds a residual block to `layers`, whose last one has `channels`, and tells how many it has itself.
 * At its start it answers what its identity path does: its last gamma is 0.
 */
function addBlock(layers: LayerSpec[], channels: number, { filters, stride, expansion, at }: Block): number {
  const input = layers.length - 1;
  const outputs = filters * expansion;
  const path = (i: number) => `${at}.convpath.${i}`;
  const inner =
    expansion === 1
      ? activated(filters, 3, path(0), stride)
      : [...activated(filters, 1, path(0)), ...activated(filters, 3, path(1), stride)];
  const last = path(expansion === 1 ? 1 : 2);
  layers.push(...inner, convolution(outputs, expansion === 1 ? 3 : 1, last), { ...norm(last), zero_gamma: true });
  const main = layers.length - 1;
  const identity = identityPath(channels, outputs, stride, `${at}.idpath`).map((layer, i) =>
    i === 0 ? { ...layer, inputs: [input] } : layer,
  );
  layers.push(...identity);
  layers.push({ type: 'add', inputs: [main, identity.length > 0 ? layers.length - 1 : input] }, { type: 'relu' });
  return outputs;
}

/** A mean where the resolution changes, so that no pixel is skipped, and a 1x1 convolution where the channels do. */
function identityPath(channels: number, outputs: number, stride: number, at: string): LayerSpec[] {
  const pool: LayerSpec[] = stride > 1 ? [{ type: 'avg_pool', size: stride, padding: 'same' }] : [];
  if (channels === outputs) return pool;
  const convLayer = `${at}.${pool.length}`;
  return [...pool, convolution(outputs, 1, convLayer), norm(convLayer)];
}
