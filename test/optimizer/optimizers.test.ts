/** What an optimizer's schema says: fastai's arguments and defaults, which of them are hypers, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  completeOptimizer,
  Optimizer,
  optimizerNames,
  OptimizerSchema,
  type OptimizerRequest,
  stepperOf,
} from '../../src/optimizer/index.js';
import { problemsOf } from '../../src/schema/check.js';

/** fastai 2.8.12, fastai/optimizer.py: by name the hypers beside `lr`, and the other arguments. */
const fastai: Record<string, [hypers: object, args: object]> = {
  sgd: [{ mom: 0, wd: 0 }, {}],
  rmsprop: [{ mom: 0, sqr_mom: 0.99, eps: 1e-8, wd: 0 }, {}],
  adam: [{ mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0.01 }, {}],
  radam: [{ mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0 }, { beta: 0 }],
  qhadam: [
    { mom: 0.999, sqr_mom: 0.999, eps: 1e-8, wd: 0 },
    { nu_1: 0.7, nu_2: 1 },
  ],
  larc: [
    { mom: 0.9, eps: 1e-8, wd: 0 },
    { clip: true, trust_coeff: 0.02 },
  ],
  lamb: [{ mom: 0.9, sqr_mom: 0.99, eps: 1e-5, wd: 0 }, {}],
  ranger: [
    { mom: 0.95, sqr_mom: 0.99, eps: 1e-6, wd: 0.01 },
    { beta: 0, k: 6, alpha: 0.5 },
  ],
};

for (const [name, [hypers, args]] of Object.entries(fastai)) {
  test(`${name}: fastai's defaults, and its hypers for each group`, () => {
    const request = { name } as OptimizerRequest;
    assert.deepEqual(problemsOf(OptimizerSchema, request), []);
    const spec = completeOptimizer(request);
    assert.deepEqual(spec, { name, ...hypers, ...args, decouple_wd: true });
    assert.equal(Object.keys(spec)[0], 'name');
    const groups = [0, 1].map((group) => ({ group, decays: true, forceTrain: false }));
    const own = { ...hypers, lr: 0.3 };
    assert.deepEqual(new Optimizer(spec, groups, 2, 0.3).hypers, [own, own]);
  });
}

test('the table lists each optimizer under its own name, and the schema has them all', () => {
  for (const name of [...Object.keys(fastai), 'lookahead'])
    assert.ok(
      optimizerNames.some((known) => known === name),
      name,
    );
  const { anyOf } = JSON.parse(JSON.stringify(OptimizerSchema)) as { anyOf: { properties: { name: object } }[] };
  assert.deepEqual(
    anyOf.map(({ properties }) => properties.name),
    optimizerNames.map((name) => ({ type: 'string', const: name })),
  );
});

test('Lookahead wraps Adam unless it is told otherwise; the hypers are those of what it wraps', () => {
  const spec = completeOptimizer({ name: 'lookahead' });
  assert.deepEqual(spec, { name: 'lookahead', of: completeOptimizer({ name: 'adam' }), k: 6, alpha: 0.5 });
  const [hypers] = new Optimizer(spec, [], 1, 0.1).hypers;
  assert.deepEqual(hypers, { ...fastai.adam[0], lr: 0.1 });
});

/** What is asked for, and the pointers of what is wrong with it. */
const refused: [request: object, pointers: string[]][] = [
  [{ name: 'adagrad' }, ['/name']],
  [{ name: 'sgd', eps: 1e-5 }, ['/eps']],
  [{ name: 'adam', eps: 0, mom: 1, wd: -1 }, ['/eps', '/mom', '/wd']],
  [{ name: 'qhadam', nu_1: 1.1 }, ['/nu_1']],
  [{ name: 'lookahead', k: 0, alpha: 0 }, ['/alpha', '/k']],
  [{ name: 'lookahead', of: { name: 'lamb', beta: 1 } }, ['/of/beta']],
  [{ name: 'lookahead', of: { name: 'lookahead' } }, ['/of/name']],
];

for (const [request, pointers] of refused) {
  test(`${JSON.stringify(request)} is refused`, () => {
    const problems = problemsOf(OptimizerSchema, request);
    assert.deepEqual(problems.map(({ pointer }) => pointer).sort(), pointers);
  });
}

test('no two slots of an optimizer, and no two of its scalars, have one name', () => {
  const bases = optimizerNames.flatMap((name) => (name === 'lookahead' ? [] : [{ name }]));
  for (const request of [...bases, ...bases.map((of) => ({ name: 'lookahead' as const, of }))]) {
    const { slots, scalarNames } = stepperOf(completeOptimizer(request));
    const names = slots.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
    assert.deepEqual(scalarNames, [...new Set(scalarNames)]);
  }
});
