/** The API on a Redis of its own, by real HTTP; all that it answers must be as openapi.yaml says. */
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { JobLimits } from '../../src/config.js';
import app, { type AppOptions } from '../../src/api/app.js';
import { createFastify } from '../../src/api/fastify.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { JobRecord } from '../../src/jobs/index.js';
import { world, type World } from '../jobs/harness.js';
import { documentedFetch } from '../openapi.js';

export interface Api extends World {
  app: FastifyInstance;
  /** `http://127.0.0.1:…` */
  url: string;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Posts a job that must be taken. */
  submit(body?: object): Promise<JobRecord>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export async function api(
  t: TestContext,
  config: AppOptions['config'] = {},
  limits: Partial<JobLimits> = {},
): Promise<Api> {
  const on = await world(t, limits, config.access?.apiKeys);
  const server = createFastify();
  await server.register(app, { jobs: on.jobs, storage: on.storage, config });
  const url = await server.listen({ port: 0 });
  t.after(() => server.close());
  const get = async (path: string) => answer(await documentedFetch(url + path));
  const remove = async (path: string) => answer(await documentedFetch(url + path, { method: 'DELETE' }));
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
    answer(
      await documentedFetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  const submit = async (body: object = job()) => {
    const { status, body: record } = await post('/jobs', body);
    if (status !== 201) throw new Error(`POST /jobs answered ${status}: ${JSON.stringify(record)}`);
    return record as JobRecord;
  };
  return { ...on, app: server, url, get, delete: remove, post, submit };
}

async function answer(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : text };
}

/** A job that can be taken, but for what is said otherwise. */
export const job = (more: object = {}): Record<string, unknown> => ({
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
  ...more,
});

export const pointers = (problem: unknown): string[] =>
  ((problem as Problem).errors ?? []).map(({ pointer }) => pointer).sort();
