/** Activations in Keras's layers, such as TensorFlow.js reads from a file. */
import type { ActivationName } from '../layers/activation.js';
import type { ExportedLayer } from './exported.js';
import type { KerasGraph } from './keras-graph.js';
import { inputsOf, one } from './keras-parts.js';

/** Those that are a layer, or a name that one layer takes. */
const own: Partial<Record<ActivationName, [className: string, config: Record<string, unknown>]>> = {
  relu: ['ReLU', {}],
  relu6: ['ReLU', { max_value: 6 }],
  elu: ['ELU', { alpha: 1 }],
  softmax: ['Softmax', { axis: -1 }],
  ...Object.fromEntries(
    (['selu', 'gelu', 'mish', 'sigmoid', 'tanh', 'softplus', 'softsign', 'log_softmax'] as const).map((name) => [
      name,
      ['Activation', { activation: name }],
    ]),
  ),
  silu: ['Activation', { activation: 'swish' }],
  swish: ['Activation', { activation: 'swish' }],
};

/** Has an activation written: `alpha` is the slope of leaky_relu. */
export function activation(graph: KerasGraph, layer: ExportedLayer, which: ActivationName, alpha: number): void {
  const known = which === 'leaky_relu' ? (['LeakyReLU', { alpha }] as const) : own[which];
  if (known) one(graph, layer, known[0], known[1]);
  else if (which === 'gelu_tanh') geluTanh(graph, layer);
  else hard(graph, layer, which === 'hard_swish');
}

/** relu6(x + 3)/6, and with `times` that times x. */
function hard(graph: KerasGraph, layer: ExportedLayer, times: boolean): void {
  const [x] = inputsOf(graph, layer);
  const shifted = graph.add('Rescaling', `${layer.name}/shifted`, [x], { scale: 1, offset: 3 });
  const limited = graph.add('ReLU', `${layer.name}/limited`, [shifted], { max_value: 6 });
  const scale = { scale: 1 / 6, offset: 0 };
  if (!times) {
    one(graph, layer, 'Rescaling', scale, { from: [limited] });
    return;
  }
  one(graph, layer, 'Multiply', {}, { from: [x, graph.add('Rescaling', `${layer.name}/gate`, [limited], scale)] });
}

/**
 * x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))). TensorFlow.js has it as `gelu_new`, a name that it does not find again
 * when it reads a file.
 */
function geluTanh(graph: KerasGraph, layer: ExportedLayer): void {
  const [x] = inputsOf(graph, layer);
  const step = (className: string, name: string, from: string[], config: Record<string, unknown> = {}): string =>
    graph.add(className, `${layer.name}/${name}`, from, config);
  const cubed = step('Multiply', 'cubed', [x, x, x]);
  const small = step('Rescaling', 'small', [cubed], { scale: 0.044715, offset: 0 });
  const inner = step('Rescaling', 'inner', [step('Add', 'sum', [x, small])], {
    scale: Math.sqrt(2 / Math.PI),
    offset: 0,
  });
  const bent = step('Activation', 'bent', [inner], { activation: 'tanh' });
  const gate = step('Rescaling', 'gate', [bent], { scale: 0.5, offset: 0.5 });
  one(graph, layer, 'Multiply', {}, { from: [x, gate] });
}
