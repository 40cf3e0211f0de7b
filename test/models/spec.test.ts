/** What is declared of a model: every layer and preset once, and what a record says of it is what its schema says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TSchema } from 'typebox';
import { resolveSpec } from '../../src/request/resolve.js';
import { DatasetSchema, DatasetSpecSchema } from '../../src/data/index.js';
import {
  layers,
  LayerSchema,
  ModelSchema,
  ModelSpecSchema,
  PresetSchema,
  presetNames,
} from '../../src/models/index.js';
import { problemsOf } from '../../src/schema/check.js';
import type { JobRequest } from '../../src/request/body.js';

interface Described {
  title?: string;
  description?: string;
  properties: Record<string, TSchema & { description?: string; const?: unknown }>;
}

describe('each says what it is, and so does each of its fields', () => {
  const declared = [...layers.map(({ schema }) => schema), ...PresetSchema.anyOf] as Described[];
  for (const { title, description, properties } of declared) {
    test(String(title), () => {
      assert.ok(description);
      const silent = Object.entries(properties).filter(([, field]) => !field.description && field.const === undefined);
      assert.deepEqual(
        silent.map(([name]) => name),
        [],
      );
    });
  }
});

test('a schema says what a preset takes, and all presets are in it', () => {
  const of = (model: object) => problemsOf(PresetSchema, model).map(({ pointer }) => pointer);
  for (const preset of presetNames) assert.deepEqual(of({ preset, weights: [] }), []);
  assert.deepEqual(of({ preset: 'mlp', hidden: [8], batch_norm: true, dropout: 0.5 }), []);
  assert.deepEqual(of({ preset: 'mlp', hiden: [8] }), ['/hiden']);
  assert.deepEqual(of({ preset: 'vgg' }), ['/preset']);
  assert.deepEqual(
    problemsOf(LayerSchema, { type: 'dense', units: 0 }).map(({ pointer }) => pointer),
    ['/units'],
  );
});

describe('a request fits its schema, and what a record says of it that of records', () => {
  const inline = { x: [[1], [2], [3]], y: [0, 1, 1] };
  const weights = [{ layer: 0, name: 'bias', value: [1, 2] }];
  const requests: Pick<JobRequest, 'dataset' | 'model'>[] = [
    ...presetNames.map((preset) => ({ dataset: { builtin: 'digits' }, model: { preset } })),
    { dataset: { synthetic: { rows: 100 } }, model: { preset: 'mlp', hidden: [3], dropout: 0.1 } },
    { dataset: { random: { shape: [3], classes: 2, rows: 100, dtype: 'uint8' } }, model: { preset: 'linear' } },
    ...([weights, undefined].map((given) => ({
      dataset: { inline },
      model: { layers: [{ type: 'dense', units: 2 }], param_groups: 'one group', ...(given && { weights: given }) },
    })) as Pick<JobRequest, 'dataset' | 'model'>[]), // as JSON has it
    { dataset: { inline }, model: { layers: [{ type: 'dense', units: 2 }], param_groups: [[0]] } },
  ];
  for (const request of requests) {
    test(JSON.stringify(request), () => {
      assert.deepEqual(problemsOf(DatasetSchema, request.dataset), []);
      assert.deepEqual(problemsOf(ModelSchema, request.model), []);
      const { spec } = resolveSpec({ policy: { name: 'fit_one_cycle', n_epoch: 1 }, batch_size: 2, ...request });
      assert.deepEqual(problemsOf(DatasetSpecSchema, spec.dataset), []);
      assert.deepEqual(problemsOf(ModelSpecSchema, spec.model), []);
    });
  }
});
