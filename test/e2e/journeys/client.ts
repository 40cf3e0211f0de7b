/** What a person does beside posting jobs: sends files, asks for predictions, takes models away. */
import assert from 'node:assert/strict';
import type { Answers } from '../../../src/models/index.js';
import type { DatasetRecord } from '../../../src/request/uploads/record.js';
import { documentedFetch } from '../../openapi.js';
import type { Server } from '../harness.js';

export type File = string | Uint8Array<ArrayBuffer>;

/** Sends a file that must be taken. */
export async function upload(server: Server, file: File, query = ''): Promise<DatasetRecord> {
  const response = await documentedFetch(`${server.url}/datasets${query}`, { method: 'POST', body: file });
  const record = (await response.json()) as DatasetRecord;
  assert.equal(response.status, 201, JSON.stringify(record));
  return record;
}

/** What a job answers for rows as JSON. */
export async function predict(server: Server, job: string, body: object): Promise<Answers> {
  const answer = await server.post(`/jobs/${job}/predict`, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Answers;
}

/** What a job answers for a file. */
export async function predictFile(server: Server, job: string, type: string, file: File): Promise<Answers> {
  const response = await documentedFetch(`${server.url}/jobs/${job}/predict`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: file,
  });
  const answer = (await response.json()) as Answers;
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

/** A job's metrics over all rows of a data set. */
export async function evaluate(server: Server, job: string, dataset: object): Promise<Record<string, number>> {
  const { status, body } = await server.post(`/jobs/${job}/evaluate`, { dataset });
  assert.equal(status, 200, JSON.stringify(body));
  return (body as { metrics: Record<string, number> }).metrics;
}

export const classesOf = ({ data }: Answers): string[] =>
  data.map((each) => ('class' in each ? each.class : assert.fail('these are values')));

export const valuesOf = ({ data }: Answers): number[] =>
  data.flatMap((each) => ('values' in each ? each.values : assert.fail('these are classes')));

export const probabilitiesOf = ({ data }: Answers): number[][] =>
  data.map((each) => ('probabilities' in each ? each.probabilities : assert.fail('these are values')));

/** A file of the service. */
export async function download(server: Server, path: string): Promise<Uint8Array> {
  const response = await documentedFetch(server.url + path);
  assert.equal(response.status, 200, path);
  return new Uint8Array(await response.arrayBuffer());
}

/** The part of `found` that is as wanted. */
export function shareOf<Value>(found: readonly Value[], wanted: readonly Value[]): number {
  assert.equal(found.length, wanted.length);
  return found.filter((value, i) => value === wanted[i]).length / wanted.length;
}

export function assertClose(found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void {
  assert.equal(found.length, wanted.length);
  for (let i = 0; i < wanted.length; i++)
    assert.ok(Math.abs(found[i] - wanted[i]) <= within, `${i}: ${found[i]} where it is ${wanted[i]}`);
}
