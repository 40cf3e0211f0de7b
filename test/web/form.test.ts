/** Forms from schemas: of the request for a job, each of its fields; and by table what they do with values. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parse } from 'yaml';
import type * as PreviewModule from '../../web/src/form/preview.js';
import type * as RequestModule from '../../web/src/form/request.js';
import type * as SchemaModule from '../../web/src/form/schema.js';
import type { Components, Json, Schema } from '../../web/src/form/schema.js';
import type * as SliderModule from '../../web/src/form/slider.js';
import type * as ValueModule from '../../web/src/form/value.js';
import { root } from '../e2e/harness.js';
import { webModule } from './modules.js';

interface Description {
  components: { schemas: Components };
}
const { components } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as Description;
const all = components.schemas;
const job: Schema = { $ref: '#/components/schemas/JobRequest' };

let schema: typeof SchemaModule;
let value: typeof ValueModule;
let slider: typeof SliderModule;
let request: typeof RequestModule;
let preview: typeof PreviewModule;
before(async () => {
  schema = await webModule('form/schema.ts');
  value = await webModule('form/value.ts');
  slider = await webModule('form/slider.ts');
  request = await webModule('form/request.ts');
  preview = await webModule('form/preview.ts');
});

/** Calls for a schema and all that it holds; for each of the named ones once. */
function walk(given: Schema, path: string, visit: (one: Schema, path: string) => void, seen = new Set<string>()): void {
  if (given.$ref !== undefined && seen.has(given.$ref)) return;
  if (given.$ref !== undefined) seen.add(given.$ref);
  const one = schema.resolve(given, all);
  visit(one, path);
  for (const [name, inner] of Object.entries(one.properties ?? {}))
    if (inner) walk(inner, `${path}/${name}`, visit, seen);
  for (const inner of one.anyOf ?? []) walk(inner, path, visit, seen);
  if (one.items !== undefined) walk(one.items, `${path}/0`, visit, seen);
}

describe('the request for a job', () => {
  test('every branch of every union has a name of its own, and what it starts with is of it', () => {
    const unions = new Set<string>();
    walk(job, '', (one, path) => {
      const field = schema.fieldOf(one, all);
      if (field.kind !== 'union') return;
      unions.add(path);
      const labels = field.branches.map(({ label }) => label);
      assert.deepEqual([...new Set(labels)], labels, path);
      for (const [i, branch] of field.branches.entries()) {
        // A preset by any name starts with an example, which is one of those that are known.
        if (branch.label.startsWith('another ')) continue;
        const start = value.startOf(branch.schema, all);
        assert.equal(value.branchOf(field.branches, start, all), i, `${path} ${branch.label} ${JSON.stringify(start)}`);
      }
    });
    for (const path of ['/policy', '/dataset', '/model', '/policy/lr_max', '/metrics/0', '/split'])
      assert.ok(unions.has(path), path);
  });

  test('its fields are of the kinds that people can fill in', () => {
    const kinds = new Map<string, string>();
    walk(job, '', (one, path) => kinds.set(path, schema.fieldOf(one, all).kind));
    const expected = {
      '/batch_size': 'number',
      '/shuffle': 'boolean',
      '/name': 'text',
      '/tags': 'record',
      '/device': 'choice',
      '/callbacks': 'list',
      '/policy/moms': 'list',
      '/dataset/inline/x': 'json',
    };
    for (const [path, kind] of Object.entries(expected)) assert.equal(kinds.get(path), kind, path);
  });

  test('what is required comes first, and starts with all that is required of it', () => {
    const start = value.startOf(job, all);
    assert.deepEqual(Object.keys(start as object), ['policy', 'dataset']);
    assert.deepEqual(value.startOf({ $ref: '#/components/schemas/FitOneCycle' }, all), {
      name: 'fit_one_cycle',
      n_epoch: 1,
    });
  });
});

test('values change in place, and pointers name their fields', () => {
  const before: Json = { a: [{ b: 1 }, 2], c: 3 };
  const cases: [(string | number)[], Json | undefined, Json][] = [
    [['c'], 4, { a: [{ b: 1 }, 2], c: 4 }],
    [['c'], undefined, { a: [{ b: 1 }, 2] }],
    [['a', 0, 'b'], 5, { a: [{ b: 5 }, 2], c: 3 }],
    [['a', 1], undefined, { a: [{ b: 1 }], c: 3 }],
    [['d', 'e'], 1, { ...before, d: { e: 1 } }],
  ];
  for (const [path, next, after] of cases) assert.deepEqual(value.withAt(before, path, next), after, path.join('.'));
  assert.deepEqual(before, { a: [{ b: 1 }, 2], c: 3 });
  assert.equal(value.pointer(['a', 0, 'x/y~z']), '/a/0/x~1y~0z');
});

test('numbers have sliders where their range is known', () => {
  const share: Schema = { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.25 };
  assert.deepEqual(slider.sliderOf(share), { from: 0, to: 1, log: false });
  const factor = slider.sliderOf({ type: 'number', exclusiveMinimum: 0, default: 25 });
  assert.ok(factor?.log);
  assert.equal(slider.valueAt(factor, slider.positionOf(factor, 25)), 25);
  assert.equal(slider.sliderOf({ type: 'integer', minimum: 1, default: 64 }), undefined);
  // Neither end, which may not be allowed.
  assert.equal(slider.valueAt({ from: 0, to: 1, log: false }, 0), 0.005);
  assert.equal(slider.valueAt({ from: 0, to: 1, log: false }, slider.positions), 0.995);
});

test('a record’s spec becomes the request that made it', () => {
  const spec: Json = {
    policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003, pct_start: 0.25, div: 10 },
    dataset: {
      id: 'ds_1',
      target: 'y',
      task: 'classification',
      continuous: ['x'],
      guessed: ['task', 'continuous'],
      stored: {},
    },
    model: { preset: 'mlp', hidden: [64], dropout: 0.5 },
    batch_size: 64,
    optimizer: { name: 'adam', mom: 0.9, wd: 0.1 },
    metrics: [{ name: 'accuracy' }],
    tags: {},
    weights: { taken: 0 },
  };
  assert.deepEqual(request.requestOf(spec, job, all), {
    policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003, div: 10 },
    dataset: { id: 'ds_1', target: 'y' },
    model: { preset: 'mlp', dropout: 0.5 },
    optimizer: { name: 'adam', wd: 0.1 },
    metrics: [{ name: 'accuracy' }],
  });
  const branch = request.continued(request.requestOf(spec, job, all), 'job_1', 'ckpt_1');
  assert.deepEqual(Object.keys(branch as object).includes('model'), false);
  assert.deepEqual((branch as { continue_from: Json }).continue_from, { job: 'job_1', checkpoint: 'ckpt_1' });
  assert.deepEqual(request.atRate(spec, 0.01), {
    ...spec,
    policy: { name: 'fit_one_cycle', n_epoch: 5, lr_max: 0.01 },
  });
});

test('a preview asks for a rate that is not known yet as a share of it', () => {
  const found = preview.previewOf({ name: 'fit_one_cycle', n_epoch: 3, lr_max: { lr_find: 'valley' } });
  assert.deepEqual(found?.body, { policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 1 }, n_iteration: 200 });
  assert.equal(found.relative, true);
  assert.deepEqual(preview.previewOf({ name: 'lr_find' })?.body, { policy: { name: 'lr_find' } });
  assert.equal(preview.previewOf(undefined), null);
});
