import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.js';
import type { Report } from './child.js';
import type { EngineUnderTest } from './engines.js';
import type { Measured } from './measure.js';

/**
 * What engines may differ by, as a share of a tensor's largest value: float32 keeps 6e-8, and sums in another order
 * lose up to a hundred times that. A tensor that is nothing but rounding (the gradient of a bias before batch norm is
 * zero) is held to a share of the largest of all tensors.
 */
const shareOfTensor = 1e-5;
const shareOfAll = 1e-6;

/** Finite differences meet kinks of relu and max_pool, and divide the loss's last digits by a small distance. */
const slope = { relative: 0.03, absolute: 1e-4 };

/** Registers the tests of one engine beside another: everything in the table of `cases.ts`. */
export function conformance(name: EngineUnderTest, reference: EngineUnderTest = 'javascript'): void {
  // All engines measure at once, before the first of them is looked at.
  const asked = Promise.all([reportOf(name), reportOf(reference)]);
  asked.catch(() => undefined); // `before` reports it
  describe(`${name} beside ${reference}`, () => {
    let report: Report;
    let expected: Report;
    before(async () => {
      [report, expected] = await asked;
    });

    for (const { name: title, random } of cases) {
      test(title, () => {
        const actual = measured(report, title);
        compareWithItself(actual);
        // Where the engine draws random numbers of its own, only the same engine draws the same.
        if (!random || reference !== 'javascript') compare(actual, measured(expected, title));
      });
    }

    test('300 steps twice are the same to the last bit', () => {
      const [first, second] = report.repeated!;
      assert.deepEqual(first, second);
      assert.ok(first.at(-1)! < first[0] / 2, 'the model learns');
    });
  });
}

const reports = new Map<EngineUnderTest, Promise<Report>>();

/** Measured once, in a process of its own: a process has one engine. */
function reportOf(name: EngineUnderTest): Promise<Report> {
  const known = reports.get(name) ?? measureAll(name);
  reports.set(name, known);
  return known;
}

async function measureAll(name: EngineUnderTest): Promise<Report> {
  const child = fork(fileURLToPath(new URL('./child.js', import.meta.url)), [name], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${String(code)} before it had an answer`);
  });
  const [report] = (await Promise.race([once(child, 'message'), ended])) as [Report];
  ended.catch(() => undefined); // it may end now that it has answered
  return report;
}

function measured(report: Report, title: string): Measured {
  const found = report.cases.get(title);
  if (typeof found !== 'object') throw new Error(`it must run: ${String(found)}`);
  return found;
}

/** What needs no other engine. */
function compareWithItself({ slopes, restored, tensorsLeft }: Measured): void {
  assert.ok(slopes.length > 0, 'there are gradients');
  for (const { name, computed, measured, gradient } of slopes) {
    const allowed = slope.relative * gradient + slope.absolute;
    assert.ok(
      Math.abs(computed - measured) <= allowed,
      `the gradient of ${name} says ${computed}, finite differences say ${measured}`,
    );
  }
  assert.ok(restored, 'values come back to the bit');
  assert.equal(tensorsLeft, 0, 'tensors left after dispose');
}

function compare(actual: Measured, expected: Measured): void {
  compareTensors('output', new Map([['', actual.output]]), new Map([['', expected.output]]));
  compareTensors('gradient of', actual.gradients, expected.gradients);
  compareTensors(
    'loss',
    new Map([['', Float32Array.from(actual.losses)]]),
    new Map([['', Float32Array.from(expected.losses)]]),
  );
  compareTensors('after the steps,', actual.values, expected.values);
}

const largest = (values: Float32Array): number => values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);

function compareTensors(what: string, actual: Map<string, Float32Array>, expected: Map<string, Float32Array>): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  const all = Math.max(...[...expected.values()].map(largest));
  for (const [name, values] of expected) {
    const found = actual.get(name)!;
    assert.equal(found.length, values.length);
    const allowed = shareOfTensor * largest(values) + shareOfAll * all;
    // Written so that NaN is wrong too.
    const wrong = values.findIndex((value, i) => !(Math.abs(found[i] - value) <= allowed));
    assert.equal(wrong, -1, `${what} ${name}[${wrong}] is ${found[wrong]}, not ${values[wrong]}`);
  }
}
