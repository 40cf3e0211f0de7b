import type { LayerSpec } from '../layers/index.js';
import { definePreset, head } from './preset.js';

/**
 * ResNet-18 (He and others, "Deep residual learning for image recognition", 2015), layer by layer as torchvision has
 * it.
 */
export const resnet18 = definePreset({
  name: 'resnet18',
  description:
    "torchvision's ResNet-18. Parameter groups as fastai splits it: up to its second stage, the other two, head",
  arguments: {},
  takes: 'images',
  groups(_args, input, outputs) {
    const body = [...input, ...stem];
    addStage(body, 64, 64, 1);
    addStage(body, 64, 128, 2);
    const split = body.length;
    addStage(body, 128, 256, 2);
    addStage(body, 256, 512, 2);
    return [body.slice(0, split), body.slice(split), head(outputs)];
  },
});

const convolution = (filters: number, kernel: number, stride: number, inputs?: number[]): LayerSpec[] => [
  { type: 'conv2d', filters, kernel, stride, padding: (kernel - 1) / 2, use_bias: false, ...(inputs && { inputs }) },
  { type: 'batch_norm' },
];

const stem: LayerSpec[] = [
  ...convolution(64, 7, 2),
  { type: 'relu' },
  { type: 'max_pool', size: 3, stride: 2, padding: 1 },
];

/** Two basic blocks; the first may change resolution and channels. */
function addStage(layers: LayerSpec[], from: number, to: number, stride: number): void {
  addBlock(layers, to, stride, from !== to || stride !== 1);
  addBlock(layers, to, 1, false);
}

/** Two 3x3 convolutions, added to what went in: as it is, or through a 1x1 convolution where the shape changes. */
function addBlock(layers: LayerSpec[], filters: number, stride: number, downsample: boolean): void {
  const input = layers.length - 1;
  layers.push(...convolution(filters, 3, stride), { type: 'relu' }, ...convolution(filters, 3, 1));
  const main = layers.length - 1;
  if (downsample) layers.push(...convolution(filters, 1, stride, [input]));
  layers.push({ type: 'add', inputs: [main, downsample ? layers.length - 1 : input] }, { type: 'relu' });
}
