/** Curves as files: the same numbers in every format. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import protobuf from 'protobufjs';
import { tensorboard } from '../../src/api/curves/tensorboard.js';
import type { Columns } from '../../src/api/columns.js';
import { reaches } from '../jobs/harness.js';
import { documentedFetch } from '../openapi.js';
import { curvesOf, framesOf } from './curve-stores.js';
import { api, job, type Api } from './harness.js';

type Row = Record<string, number | null>;

async function ended(on: Api, tags: Record<string, string>): Promise<{ id: string; columns: Columns }> {
  await on.worker();
  const { id } = await on.submit(job({ tags }));
  await reaches(on.jobs, id, 'completed');
  return { id, columns: (await on.get(`/jobs/${id}/metrics`)).body as Columns };
}

async function file(on: Api, path: string, accept = '*/*'): Promise<{ type: string; bytes: Buffer; name: string }> {
  const response = await documentedFetch(on.url + path, { headers: { accept } });
  assert.equal(response.status, 200);
  const name = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? '';
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  return { type, name, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** The rows that a table of these curves must have. */
const rowsOf = ({ iteration, epoch, phase, raw_loss, loss, seconds, hypers, epochs }: Columns): Row[] =>
  iteration.map((each, i) => {
    const end = epochs.find((ended) => epoch.lastIndexOf(ended.epoch) === i);
    return {
      iteration: each,
      epoch: epoch[i],
      phase: phase[i],
      raw_loss: raw_loss[i],
      loss: loss[i],
      seconds: seconds[i],
      ...Object.fromEntries(Object.entries(hypers).map(([name, [values]]) => [name, values[i]])),
      train_loss: end?.train_loss ?? null,
      valid_loss: end?.valid_loss ?? null,
    };
  });

test('a table of the curves is the same as CSV, JSONL and Parquet', async (t) => {
  const on = await api(t);
  const { id, columns } = await ended(on, { batches: '5003', per_frame: '50', loss: 'nan_at_7' });
  const wanted = rowsOf(columns);
  assert.deepEqual([wanted[7].raw_loss, wanted[5002].train_loss], [null, 1]);

  const csv = await file(on, `/jobs/${id}/metrics?format=csv`);
  assert.deepEqual([csv.type, csv.name], ['text/csv', `${id}.csv`]);
  const texts = parse<Record<string, string>>(csv.bytes, { columns: true });
  const numbers = texts.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, text]) => [name, text === '' ? null : Number(text)])),
  );
  assert.deepEqual(numbers, wanted);

  const lines = (await file(on, `/jobs/${id}/metrics?format=jsonl`)).bytes.toString().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as Row),
    wanted,
  );

  const { bytes } = await file(on, `/jobs/${id}/metrics?format=parquet`);
  const { buffer, byteOffset, byteLength } = bytes;
  const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
  assert.deepEqual(rows, wanted);

  const part = await file(on, `/jobs/${id}/metrics?from=10&to=12`, 'text/csv, application/json;q=0.5');
  assert.equal(part.bytes.toString().split('\r\n').length, 5);
  assert.equal((await file(on, `/jobs/${id}/metrics?format=json`, 'text/csv')).type, 'application/json');
});

const Event = protobuf
  .parse(
    `syntax = "proto3";
    message Value { string tag = 1; float simple_value = 2; }
    message Summary { repeated Value value = 1; }
    message Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; }`,
    { keepCase: true },
  )
  .root.lookupType('Event');

interface EventMessage {
  wall_time: number;
  step: number;
  file_version: string;
  summary: { value: { tag: string; simple_value: number }[] } | null;
}

/** The messages of a file of TFRecords. */
function eventsOf(bytes: Buffer): EventMessage[] {
  const events: EventMessage[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    const message = Event.decode(bytes.subarray(at + 12, at + 12 + length));
    events.push(Event.toObject(message, { longs: Number, defaults: true }) as EventMessage);
    at += 12 + length + 4;
  }
  return events;
}

test("TensorBoard's event file has each value at its step", async (t) => {
  const on = await api(t);
  const { id, columns } = await ended(on, { batches: '700' });
  const { bytes, name } = await file(on, `/jobs/${id}/metrics?format=tensorboard`);
  assert.match(name, /^events\.out\.tfevents\.\d+\.job_/);
  // Every event file begins so: 24 bytes, and the masked checksum of this length.
  assert.equal(bytes.subarray(0, 12).toString('hex'), '1800000000000000a37f4b22');
  const [first, ...events] = eventsOf(bytes);
  assert.equal(first.file_version, 'brain.Event:2');
  const scalars = (tag: string) =>
    events.flatMap(({ step, summary }) =>
      (summary?.value ?? []).flatMap((value) => (value.tag === tag ? [[step, value.simple_value]] : [])),
    );
  const wanted = (values: readonly (number | null)[]) => values.map((value, i) => [i, Math.fround(value ?? NaN)]);
  assert.deepEqual(scalars('train/raw_loss'), wanted(columns.raw_loss));
  assert.deepEqual(scalars('hypers/lr'), wanted(columns.hypers.lr[0]));
  assert.deepEqual(scalars('epoch/train_loss'), [[699, 1]]);
  const times = events.map(({ wall_time }) => wall_time);
  const trained = [...columns.seconds, columns.seconds.at(-1)!].map((seconds) => first.wall_time + seconds!);
  assert.ok(times.every((time, i) => Math.abs(time - trained[i]) < 1e-3));
  // Logs of earlier versions say how long their epochs took, and no more.
  const curves = await curvesOf(framesOf({ ...columns, seconds: columns.seconds.map(() => null) }));
  const parts: Uint8Array[] = [];
  for await (const part of tensorboard(curves, 100)) parts.push(part);
  const old = eventsOf(Buffer.concat(parts));
  const spread = old.map(({ wall_time }) => wall_time);
  assert.ok(spread.every((time, i) => i === 0 || time >= spread[i - 1]));
  assert.ok(Math.abs(spread.at(-1)! - 101) < 1e-3, 'the epoch took a second');
});
