/** What holds the API's answers to openapi.yaml finds what is not documented. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkAnswer, checkMessage } from './openapi.js';

const json = 'application/json; charset=utf-8';
const health =
  (body: object, status = 200, type: string | null = json) =>
  () =>
    checkAnswer('GET', '/healthz', status, type, JSON.stringify(body));
const problem = {
  type: 'urn:onecycle:problem:job_not_found',
  title: 'No such job',
  status: 404,
  detail: 'There is no job job_0.',
  code: 'job_not_found',
  instance: '/jobs/job_0',
};
const failed = (body: object) => () =>
  checkAnswer('GET', '/jobs/job_0', 404, 'application/problem+json', JSON.stringify(body));
const status = {
  type: 'status',
  seq: 3,
  attempt: 1,
  status: 'failed',
  error: { code: 'timeout', message: 'Too long' },
};

test('what is documented passes', () => {
  health({ status: 'ok' })();
  failed(problem)();
  failed({ ...problem, errors: [{ pointer: '/a', detail: 'must be b' }] })();
  checkAnswer('GET', '/nowhere', 404, 'application/problem+json', JSON.stringify(problem));
  checkAnswer('GET', '/jobs/job_0/events', 204, null, '');
  checkAnswer('GET', '/jobs/job_0/events', 200, 'text/event-stream', `id: 3\ndata: ${JSON.stringify(status)}\n\n`);
  checkMessage(status);
  checkMessage({ type: 'gap', from: 1, to: 3 });
});

test('the problem that docs/api.md shows is one', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const shown = /```json\n(\{"type": "urn:.*?)```/s.exec(page)?.[1] ?? '';
  const { type, code, instance, status } = JSON.parse(shown) as Record<string, unknown>;
  assert.deepEqual([type, instance], [`urn:onecycle:problem:${String(code)}`, '/jobs']);
  checkAnswer('POST', String(instance), Number(status), 'application/problem+json', shown);
});

test('what is not documented fails', () => {
  const table: [name: string, check: () => void][] = [
    ['a field', health({ status: 'ok', since: 1 })],
    ['a value', health({ status: 'well' })],
    ['no field', health({})],
    ['a status', health({ status: 'ok' }, 201)],
    ['a content type', health({ status: 'ok' }, 200, 'text/plain')],
    ['no body', () => checkAnswer('GET', '/healthz', 200, null, '')],
    ['a field of a problem', failed({ ...problem, hint: 'none' })],
    ['a code of a problem', failed({ ...problem, code: 'gone' })],
    ['a route', () => checkAnswer('GET', '/nowhere', 200, json, '{}')],
    ['a method', () => checkAnswer('PUT', '/jobs/job_0', 200, json, '{}')],
    ['a body with 204', () => checkAnswer('GET', '/jobs/job_0/events', 204, json, '{}')],
    [
      'a field of an event',
      () =>
        checkAnswer(
          'GET',
          '/jobs/job_0/events',
          200,
          'text/event-stream',
          `data: ${JSON.stringify({ ...status, x: 1 })}\n\n`,
        ),
    ],
    ['a field of a frame', () => checkMessage({ ...status, why: 'no' })],
    ['a field within a frame', () => checkMessage({ ...status, error: { ...status.error, why: 'no' } })],
    ['a frame', () => checkMessage({ type: 'news', seq: 0, attempt: 1 })],
  ];
  for (const [name, check] of table) assert.throws(check, assert.AssertionError, name);
});
