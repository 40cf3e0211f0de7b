/** What heartbeats tell of processes and cards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gpuLoadOf } from '../../workers/worker/gpu-load.js';
import { LoadMeter } from '../../workers/worker/load-meter.js';

test('the cores that a process keeps busy are those of the last stretch, not of its life', () => {
  const meter = new LoadMeter();
  meter.hear({ cpu_ms: 5000, memory_bytes: 10 }, 1000);
  assert.deepEqual(meter.load, { cpu: 0, memory_bytes: 10 });
  meter.hear({ cpu_ms: 7000, memory_bytes: 20 }, 2000);
  assert.deepEqual(meter.load, { cpu: 2, memory_bytes: 20 });
  meter.hear({ cpu_ms: 7250, memory_bytes: 15 }, 3000);
  assert.deepEqual(meter.load, { cpu: 0.25, memory_bytes: 15 });
  meter.hear({ cpu_ms: 7250, memory_bytes: 15 }, 3000);
  assert.equal(meter.load.cpu, 0.25, 'told twice in one moment');
});

test("a card's memory and utilization are read from a line of nvidia-smi", () => {
  const mib = 1024 ** 2;
  for (const [line, expected] of [
    ['1234, 81559, 57\n', { memory_bytes: 1234 * mib, memory_total_bytes: 81559 * mib, utilization: 0.57 }],
    ['12, 81559, [N/A]\n', { memory_bytes: 12 * mib, memory_total_bytes: 81559 * mib, utilization: null }],
    ['[Not Supported], 81559, 5', null],
    ['No devices were found\n', null],
    ['', null],
  ] as const)
    assert.deepEqual(gpuLoadOf(line), expected, line);
});
