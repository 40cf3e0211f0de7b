/** What the xresnets share. */
import type { LayerSpec } from '../layers/index.js';
import { definePreset, head, type Preset } from './preset.js';

/**
 * fastai's XResNet: a ResNet with the tweaks B, C and D of "Bag of tricks for image classification with convolutional
 * neural networks" (He and others, 2018). `blocks` per stage; with an `expansion` they are bottlenecks, that many times
 * as wide at their end. In the groups of fastai's splitter: stem, stages, head.
 */
export const xresnet = (name: string, expansion: number, blocks: readonly number[]): Preset =>
  definePreset({
    name,
    description: `fastai's ${name}. Parameter groups as fastai splits it: stem, stages, head`,
    arguments: {},
    takes: 'images',
    groups(_args, input, outputs) {
      const stem = [...input, ...[32, 32, 64].flatMap((filters, i) => activated(filters, 3, i === 0 ? 2 : 1))];
      const body: LayerSpec[] = [...stem, { type: 'max_pool', size: 3, stride: 2, padding: 1 }];
      let channels = 64;
      blocks.forEach((count, stage) => {
        for (let i = 0; i < count; i++) {
          channels = addBlock(body, channels, 64 * 2 ** stage, stage > 0 && i === 0 ? 2 : 1, expansion);
        }
      });
      return [stem, body.slice(stem.length), head(outputs, 'kaiming_normal')];
    },
  });

const convolution = (filters: number, kernel: number, stride = 1): LayerSpec => ({
  type: 'conv2d',
  filters,
  kernel,
  stride,
  padding: (kernel - 1) / 2,
  use_bias: false,
  init: 'kaiming_normal',
});

const activated = (filters: number, kernel: number, stride = 1): LayerSpec[] => [
  convolution(filters, kernel, stride),
  { type: 'batch_norm' },
  { type: 'relu' },
];

/**
 * Adds a residual block to `layers`, whose last one has `channels`, and tells how many it has itself.
 * At its start it answers what its identity path does: its last gamma is 0.
 */
function addBlock(layers: LayerSpec[], channels: number, filters: number, stride: number, expansion: number): number {
  const input = layers.length - 1;
  const outputs = filters * expansion;
  const inner =
    expansion === 1 ? activated(filters, 3, stride) : [...activated(filters, 1), ...activated(filters, 3, stride)];
  layers.push(...inner, convolution(outputs, expansion === 1 ? 3 : 1), { type: 'batch_norm', zero_gamma: true });
  const main = layers.length - 1;
  const identity = identityPath(channels, outputs, stride).map((layer, i) =>
    i === 0 ? { ...layer, inputs: [input] } : layer,
  );
  layers.push(...identity);
  layers.push({ type: 'add', inputs: [main, identity.length > 0 ? layers.length - 1 : input] }, { type: 'relu' });
  return outputs;
}

/** A mean where the resolution changes, so that no pixel is skipped, and a 1x1 convolution where the channels do. */
function identityPath(channels: number, outputs: number, stride: number): LayerSpec[] {
  return [
    ...(stride > 1 ? [{ type: 'avg_pool', size: stride, padding: 'same' } as const] : []),
    ...(channels === outputs ? [] : [convolution(outputs, 1), { type: 'batch_norm' } as const]),
  ];
}
