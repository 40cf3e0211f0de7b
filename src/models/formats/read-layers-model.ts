/**
 * TensorFlow.js LayersModels: `model.json`, as TensorFlow.js, Keras 2 and Keras 3 write it. Layers become ours, with
 * their own names; what ours cannot do is told a layer.
 */
import { isObject, type JsonObject } from '../../schema/json.js';
import type { LayerSpec } from '../layers/index.js';
import { convertLayer, type Converted } from './convert-keras-layer.js';
import { unreadable } from './unreadable.js';

/** A layer that cannot be taken over, and why. */
export interface Unsupported {
  layer: string;
  type: string;
  why: string;
}

/** A LayersModel in our terms. */
export interface ReadLayersModel {
  layers: LayerSpec[];
  unsupported: Unsupported[];
  /** What was changed on the way, in words. */
  notes: string[];
  /** Our name of a weight (`LAYER.NAME`) by its own (`layer/kernel`, `model/layer/kernel:0`); undefined where it is none. */
  weightName: (own: string) => string | undefined;
}

interface KerasLayer {
  name: string;
  type: string;
  config: JsonObject;
  inputs: string[];
}

/** @throws OnecycleError `invalid_model` where it is no LayersModel, or has several inputs, outputs or calls of a layer */
export function readLayersModel(json: unknown): ReadLayersModel {
  const config = modelConfig(json);
  const keras = layersOf(config);
  const output = outputOf(config, keras);
  const unsupported: Unsupported[] = [];
  const notes: string[] = [];
  const layers: LayerSpec[] = [];
  /** By the layer's name, where its output is among ours; -1 is the input. */
  const places = new Map<string, number>();
  const converted = new Map<string, Converted>();
  for (const layer of ordered(keras)) {
    if (layer.type === 'InputLayer') {
      places.set(layer.name, -1);
      continue;
    }
    const inputs = layer.inputs.map((name) => places.get(name) ?? NaN);
    const found = convertLayer(layer.type, layer.config);
    if ('why' in found) {
      unsupported.push({ layer: layer.name, type: layer.type, why: found.why });
      places.set(layer.name, inputs[0] ?? -1);
      continue;
    }
    converted.set(layer.name, found);
    notes.push(...found.notes.map((note) => `${layer.name}: ${note}`));
    const specs = layer.name === output ? withoutSoftmax(found.layers, notes, layer.name) : found.layers;
    specs.forEach((spec, i) => {
      const name = i === 0 ? ourName(layer.name) : `${ourName(layer.name)}_${spec.type}`;
      layers.push({ ...spec, name, inputs: i === 0 ? inputs : [layers.length - 1] });
    });
    places.set(layer.name, specs.length > 0 ? layers.length - 1 : inputs[0]);
  }
  return { layers: tidy(layers), unsupported, notes, weightName: (own) => weightName(own, converted) };
}

/** Names of ours have no slashes. */
const ourName = (name: string): string => name.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^([.-])/, '_$1');

/** The layer before is what a layer takes if it does not say so. */
const tidy = (layers: LayerSpec[]): LayerSpec[] =>
  layers.map(({ inputs, ...layer }, i): LayerSpec =>
    inputs?.length === 1 && inputs[0] === i - 1 ? layer : { ...layer, inputs },
  );

/** Losses take what comes before a softmax. */
function withoutSoftmax(specs: LayerSpec[], notes: string[], name: string): LayerSpec[] {
  const last = specs.at(-1);
  if (last?.type !== 'activation' || last.function !== 'softmax') return specs;
  notes.push(`${name}: its softmax was left out, because the loss cross_entropy includes it`);
  return specs.slice(0, -1);
}

function weightName(own: string, converted: ReadonlyMap<string, Converted>): string | undefined {
  const parts = own.replace(/:0$/, '').split('/');
  const parameter = parts.pop()!;
  const layer = [parts.join('/'), ...parts.toReversed()].find((name) => converted.has(name));
  if (layer === undefined) return undefined;
  const { parameters } = converted.get(layer)!;
  return Object.hasOwn(parameters, parameter) ? `${ourName(layer)}.${parameters[parameter]!}` : undefined;
}

function modelConfig(json: unknown): JsonObject {
  const topology = isObject(json) ? (json.modelTopology ?? json) : undefined;
  const model = isObject(topology) ? (topology.model_config ?? topology) : undefined;
  if (!isObject(model) || !isObject(model.config)) throw unreadable('its model.json is not a LayersModel');
  const kind = model.class_name;
  if (kind !== 'Sequential' && kind !== 'Functional' && kind !== 'Model')
    throw unreadable(`its model.json has the class ${String(kind)}; Sequential and Functional models are supported`);
  return { ...model.config, kind };
}

function layersOf(config: JsonObject): KerasLayer[] {
  if (!Array.isArray(config.layers) || config.layers.length === 0 || config.layers.length > 5000)
    throw unreadable('its model.json has no layers');
  const sequential = config.kind === 'Sequential';
  const layers: KerasLayer[] = [];
  for (const layer of config.layers as unknown[]) {
    if (!isObject(layer) || typeof layer.class_name !== 'string' || !isObject(layer.config))
      throw unreadable('a layer of its model.json has no class_name or no config');
    const name = String(layer.config.name ?? layer.name);
    const before = layers.at(-1)?.name;
    const inputs = sequential ? (before === undefined ? ['input of the model'] : [before]) : inboundNames(layer, name);
    layers.push({ name, type: layer.class_name, config: layer.config, inputs });
  }
  if (sequential && layers[0].type !== 'InputLayer')
    layers.unshift({ name: 'input of the model', type: 'InputLayer', config: {}, inputs: [] });
  if (new Set(layers.map(({ name }) => name)).size < layers.length)
    throw unreadable('two layers of its model.json have the same name');
  return layers;
}

/** Which layers a layer takes: Keras 2 has [[["name", 0, 0, {}], …]], Keras 3 tensors with a history. */
function inboundNames(layer: JsonObject, name: string): string[] {
  const nodes = Array.isArray(layer.inbound_nodes) ? (layer.inbound_nodes as unknown[]) : [];
  if (nodes.length > 1) throw unreadable(`the layer ${name} is used more than once`);
  if (nodes.length === 0) return [];
  const names = isObject(nodes[0]) ? histories(nodes[0].args) : keras2(nodes[0]);
  if (names.length === 0) throw unreadable(`the layer ${name} does not specify its inputs`);
  return names;
}

const keras2 = (node: unknown): string[] =>
  Array.isArray(node)
    ? node.flatMap((entry: unknown) => (Array.isArray(entry) && typeof entry[0] === 'string' ? [entry[0]] : []))
    : [];

function histories(value: unknown, depth = 0): string[] {
  if (depth > 10) return [];
  if (Array.isArray(value)) return value.flatMap((item) => histories(item, depth + 1));
  if (!isObject(value) || value.class_name !== '__keras_tensor__' || !isObject(value.config)) return [];
  const history: unknown = value.config.keras_history;
  return Array.isArray(history) && typeof history[0] === 'string' ? [history[0]] : [];
}

function outputOf(config: JsonObject, layers: readonly KerasLayer[]): string {
  if (layers.filter(({ type }) => type === 'InputLayer').length !== 1)
    throw unreadable('it has several inputs; only models with one are supported');
  if (config.kind === 'Sequential') return layers.at(-1)!.name;
  const outputs = config.output_layers;
  const flat = Array.isArray(outputs) && typeof outputs[0] === 'string' ? [outputs] : outputs;
  if (!Array.isArray(flat) || flat.length !== 1)
    throw unreadable('it has several outputs; only models with one are supported');
  const [[name]] = flat as unknown[][];
  return String(name);
}

/** Each layer after those that it takes. */
function ordered(layers: readonly KerasLayer[]): KerasLayer[] {
  const done = new Set<string>();
  const order: KerasLayer[] = [];
  let waiting = [...layers];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ inputs }) => inputs.every((name) => done.has(name)));
    if (ready.length === 0)
      throw unreadable(`the layer ${waiting[0].name} has an input that does not exist, or is its own input`);
    for (const layer of ready) done.add(layer.name);
    order.push(...ready);
    waiting = waiting.filter(({ name }) => !done.has(name));
  }
  return order;
}
