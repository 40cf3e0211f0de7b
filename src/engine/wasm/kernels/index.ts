import { registerAvgPoolGrad } from './avg-pool-grad.js';
import { registerConv2DBackpropFilter } from './conv2d-backprop-filter.js';
import { registerConv2DBackpropInput } from './conv2d-backprop-input.js';
import { registerDepthwiseBackpropFilter, registerDepthwiseBackpropInput } from './depthwise-backprop.js';
import { registerExplicitPadding } from './explicit-padding.js';
import { registerMatMul } from './mat-mul.js';
import { registerMaxPoolGrad } from './max-pool-grad.js';
import { registerUnsortedSegmentSum } from './unsorted-segment-sum.js';

/**
 * Gives the WebAssembly backend the kernels for training that it lacks, has wrong or has slowly. Once a process, when
 * it is ready.
 */
export function registerWasmKernels(): void {
  registerExplicitPadding();
  registerMatMul();
  registerMaxPoolGrad();
  registerAvgPoolGrad('wasm');
  registerConv2DBackpropInput();
  registerConv2DBackpropFilter();
  registerDepthwiseBackpropInput();
  registerDepthwiseBackpropFilter();
  registerUnsortedSegmentSum();
}
