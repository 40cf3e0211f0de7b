/** A Parquet of a million rows, sent, looked into and trained on, with every process of the service below 1 GB. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { descendants } from '../processes.js';
import { Server } from '../harness.js';
import { evaluate, upload } from './client.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const rows = 1_000_000;
const GB = 2 ** 30;

/** Four columns to learn from, and one that follows from two of them. */
function parquet(): Uint8Array<ArrayBuffer> {
  const numbers = (of: (i: number) => number) => Float64Array.from({ length: rows }, (_, i) => of(i));
  const a = numbers((i) => Math.sin(i));
  const b = numbers((i) => (i * 7919) % 1000);
  const kinds = ['red', 'green', 'blue'];
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'a', data: a, type: 'DOUBLE' },
        { name: 'b', data: b, type: 'DOUBLE' },
        { name: 'c', data: numbers((i) => Math.cos(3 * i)), type: 'DOUBLE' },
        { name: 'kind', data: Array.from({ length: rows }, (_, i) => kinds[(i * 31) % 3]), type: 'STRING' },
        {
          name: 'up',
          data: Array.from({ length: rows }, (_, i) => (a[i] + b[i] / 1000 > 0.5 ? 'yes' : 'no')),
          type: 'STRING',
        },
      ],
    }),
  );
}

interface Peak {
  command: string;
  bytes: number;
}

/** How large each process of the service has been, in resident memory, by its id; one that has ended, as last seen. */
function look(peaks: Map<number, Peak>): void {
  for (const { pid, command } of [{ pid: server.pid, command: 'up' }, ...descendants(server.pid)]) {
    try {
      const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      if (found) peaks.set(pid, { command, bytes: 1024 * Number(found[1]) });
    } catch {
      // It has ended since it was listed.
    }
  }
}

test('a million rows of a Parquet in less than 1 GB of any process', async (t) => {
  const peaks = new Map<number, Peak>();
  const watching = setInterval(() => look(peaks), 100);
  try {
    let began = Date.now();
    const seconds = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
    const file = parquet();
    t.diagnostic(`written in ${seconds()}: ${(file.length / 1e6).toFixed(1)} MB`);
    began = Date.now();
    const data = await upload(server, file);
    t.diagnostic(`sent and profiled in ${seconds()}`);
    assert.equal(data.rows, rows);
    began = Date.now();
    const { id, result } = await server.run({
      policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 },
      dataset: { id: data.id, target: 'up' },
      model: { preset: 'tabular', layers: [16] },
      batch_size: 8192,
      metrics: ['accuracy'],
    });
    t.diagnostic(`trained in ${seconds()}: ${JSON.stringify(result)}`);
    assert.ok(result!.metrics.accuracy > 0.9, String(result!.metrics.accuracy));
    began = Date.now();
    const { accuracy } = await evaluate(server, id, { id: data.id });
    t.diagnostic(`evaluated in ${seconds()}: ${accuracy}`);
    look(peaks);
  } finally {
    clearInterval(watching);
  }
  const named = [...peaks.values()].map(({ command, bytes }) => `${(bytes / GB).toFixed(2)} GiB ${command.slice(-60)}`);
  for (const each of named) t.diagnostic(each);
  for (const part of ['up', 'profile', 'worker/main', 'trainer', 'predictor'])
    assert.ok(
      named.some((each) => each.includes(part)),
      `${part} was seen`,
    );
  for (const { command, bytes } of peaks.values()) assert.ok(bytes < 1e9, `${command}: ${bytes}`);
});
