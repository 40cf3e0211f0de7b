/** Activations in ONNX's operators. */
import type { ActivationName } from '../layers/activation.js';
import type { ExportedLayer } from './exported.js';
import type { Attributes, OnnxGraph } from './onnx-graph.js';
import { inputsOf, lastAxis, one, scalar, step } from './onnx-parts.js';

type Writer = (graph: OnnxGraph, layer: ExportedLayer, x: string, alpha: number) => void;

/** One operator. */
const op =
  (name: string, attributes: Attributes = {}): Writer =>
  (graph, layer) =>
    one(graph, layer, name, attributes);

/** x times what an operator makes of it. */
const gated =
  (name: string): Writer =>
  (graph, layer, x) =>
    one(graph, layer, 'Mul', {}, [x, step(graph, layer, name, 'gate', [x])]);

/** Along the last of our axes. */
const alongLast =
  (name: string): Writer =>
  (graph, layer) =>
    one(graph, layer, name, { axis: lastAxis(layer) });

/** x/2 · (1 + what `bend` makes of x). */
const halved =
  (bend: (graph: OnnxGraph, layer: ExportedLayer, x: string) => string): Writer =>
  (graph, layer, x) => {
    const bent = step(graph, layer, 'Add', 'gate', [bend(graph, layer, x), scalar(graph, layer, 'one', 1)]);
    const half = step(graph, layer, 'Mul', 'half', [x, scalar(graph, layer, 'half.factor', 0.5)]);
    one(graph, layer, 'Mul', {}, [half, bent]);
  };

const writers: Record<ActivationName, Writer> = {
  relu: op('Relu'),
  relu6: (graph, layer, x) =>
    one(graph, layer, 'Clip', {}, [x, scalar(graph, layer, 'lowest', 0), scalar(graph, layer, 'highest', 6)]),
  leaky_relu: (graph, layer, _x, alpha) => one(graph, layer, 'LeakyRelu', { alpha: { float: alpha } }),
  elu: op('Elu'),
  selu: op('Selu'),
  gelu: halved((graph, layer, x) => {
    const scaled = step(graph, layer, 'Mul', 'scaled', [x, scalar(graph, layer, 'factor', Math.SQRT1_2)]);
    return step(graph, layer, 'Erf', 'bent', [scaled]);
  }),
  gelu_tanh: halved((graph, layer, x) => {
    const squared = step(graph, layer, 'Mul', 'squared', [x, x]);
    const cubed = step(graph, layer, 'Mul', 'cubed', [squared, x]);
    const small = step(graph, layer, 'Mul', 'small', [cubed, scalar(graph, layer, 'small.factor', 0.044715)]);
    const sum = step(graph, layer, 'Add', 'sum', [x, small]);
    const inner = step(graph, layer, 'Mul', 'inner', [sum, scalar(graph, layer, 'factor', Math.sqrt(2 / Math.PI))]);
    return step(graph, layer, 'Tanh', 'bent', [inner]);
  }),
  silu: gated('Sigmoid'),
  swish: gated('Sigmoid'),
  mish: (graph, layer, x) => {
    const soft = step(graph, layer, 'Softplus', 'soft', [x]);
    one(graph, layer, 'Mul', {}, [x, step(graph, layer, 'Tanh', 'gate', [soft])]);
  },
  hard_swish: op('HardSwish'),
  hard_sigmoid: op('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  sigmoid: op('Sigmoid'),
  tanh: op('Tanh'),
  softplus: op('Softplus'),
  softsign: op('Softsign'),
  softmax: alongLast('Softmax'),
  log_softmax: alongLast('LogSoftmax'),
};

/** Has an activation written: `alpha` is the slope of leaky_relu. */
export function activation(graph: OnnxGraph, layer: ExportedLayer, which: ActivationName, alpha: number): void {
  writers[which](graph, layer, inputsOf(graph, layer)[0], alpha);
}
