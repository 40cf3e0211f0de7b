/** OpenTelemetry: the spans of a real service, as a collector takes them, and none where nobody asked. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tracingSettings } from '../../src/config.js';
import { startTracing, tracing } from '../../src/telemetry/index.js';
import { Server, temporaryFolder } from '../e2e/harness.js';
import { collector, type TakenSpan } from './collector.js';

const trainer = fileURLToPath(new URL('../jobs/fixtures/trainer.js', import.meta.url));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const client = '00f067aa0ba902b7';
const [internal, server, consumer] = [1, 2, 5];

/** A service whose processes write at their ends which of OpenTelemetry's packages they have loaded. */
async function service(t: TestContext, env: NodeJS.ProcessEnv = {}) {
  const list = join(temporaryFolder(), 'loaded');
  const code = `import {Module} from 'node:module'; import {appendFileSync} from 'node:fs'; process.on('exit', () =>
    appendFileSync(${JSON.stringify(list)}, [process.argv[1] ?? '', ...Object.keys(Module._cache)].join('\\n') + '\\n'))`;
  const preload = `--import=data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  const running = await Server.start({ env: { ...env, ONECYCLE_TRAINER: trainer, NODE_OPTIONS: preload } });
  t.after(() => running.stop());
  const loaded = (): string[] => readFileSync(list, 'utf8').split('\n');
  return { running, loaded };
}

/** Packages that make spans or send them; prom-client loads OpenTelemetry's API by itself. */
const sdk = /@opentelemetry\/(sdk|exporter|otlp|resources|core)/;
const job = (tags: Record<string, string>) => ({
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
  tags,
});

/** Other ends of jobs, each in a trace of its own, and what is in it. */
async function otherJobs(running: Server): Promise<{ trace: string; outline: string[] }[]> {
  const post = async (body: object, trace: string): Promise<string> => {
    const { body: made } = await running.post('/jobs', body, { traceparent: `00-${trace}-${client}-01` });
    return (made as { id: string }).id;
  };
  const [found, failed, paused] = ['b', 'c', 'd'].map((digit) => digit.repeat(32));
  const policy = { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: 'valley' } };
  await running.completed(await post({ ...job({}), policy }, found));
  const fails = await post(job({ ending: 'failed' }), failed);
  await (
    await running.stream(fails)
  ).closed;
  const gate = join(temporaryFolder(), 'gate');
  const rests = await post(job({ gate }), paused);
  const reaches = (status: string) => running.until(status, async () => (await running.job(rests)).status === status);
  await reaches('running');
  await running.post(`/jobs/${rests}/pause`);
  await reaches('paused');
  writeFileSync(gate, '');
  await running.post(`/jobs/${rests}/resume`);
  await running.completed(rests);
  return [
    {
      trace: found,
      outline: ['POST /jobs', ...['lr_find', 'fit'].flatMap((type) => ['job queued', `job attempt ${type} completed`])],
    },
    { trace: failed, outline: ['POST /jobs', 'job queued', 'job attempt fit failed diverged'] },
    {
      trace: paused,
      outline: ['POST /jobs', ...['paused', 'completed'].flatMap((s) => ['job queued', `job attempt fit ${s}`])],
    },
  ];
}

/** The spans of a trace but for phases, sorted. */
const outlineOf = (spans: readonly TakenSpan[], trace: string): string[] =>
  spans
    .filter(({ traceId, name }) => traceId === trace && name !== 'job phase')
    .map(({ name, attributes }) =>
      [name, attributes['onecycle.job.type'], attributes['onecycle.job.status'], attributes['error.type']]
        .filter(Boolean)
        .join(' '),
    )
    .sort();

/** The lines of a log, but for those that are none. */
const lines = (output: string): Record<string, unknown>[] =>
  output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));

test('a job’s trace: the request, the queue, each attempt and its phases; logs have its ids', async (t) => {
  const taken = await collector(t);
  const { running, loaded } = await service(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: taken.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // Whatever arrives was sent at the end.
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  });
  const headers = { traceparent: `00-${traceId}-${client}-01`, tracestate: 'vendor=1' };
  const { body } = await running.post('/jobs', job({ crash_until: '2', phases: '2' }), headers);
  const { id } = body as { id: string };
  await running.completed(id);
  const others = await otherJobs(running);
  const unsampled = `00-${'a'.repeat(32)}-${client}-00`;
  await running.post('/jobs', {}, { traceparent: unsampled });
  await running.get('/jobs/job_0');
  await running.get('/metrics');
  assert.doesNotMatch(JSON.stringify(await running.job(id)), /traceparent|waited/);
  await running.stop();

  const spans = taken.spans.filter((span) => span.traceId === traceId);
  const named = (name: string): TakenSpan[] =>
    spans.filter((span) => span.name === name).sort((a, b) => a.start - b.start);
  const [[request], [queued], attempts] = [named('POST /jobs'), named('job queued'), named('job attempt')];
  assert.equal(spans.length, 1 + 1 + 2 + 1 + 2);
  assert.deepEqual(
    [request.parentSpanId, request.kind, request.service, request.attributes['http.response.status_code']],
    [client, server, 'onecycle-api', 201],
  );
  assert.deepEqual([queued.parentSpanId, queued.kind, queued.service], [request.spanId, internal, 'onecycle-worker']);
  assert.ok(queued.start <= queued.end && Math.abs(queued.end - attempts[0].start) < 1);
  assert.deepEqual(
    attempts.map(({ parentSpanId, kind, service, attributes, status }) => [
      ...[parentSpanId, kind, service, attributes['onecycle.job.id'], attributes['onecycle.device']],
      ...[attributes['onecycle.job.attempt'], attributes['onecycle.job.status'], attributes['error.type'], status.code],
    ]),
    [
      [request.spanId, consumer, 'onecycle-worker', id, 'cpu', 1, 'crashed', 'trainer_crashed', 2],
      [request.spanId, consumer, 'onecycle-worker', id, 'cpu', 2, 'completed', undefined, 0],
    ],
  );
  const [first, second] = attempts;
  const phases = named('job phase');
  assert.deepEqual(
    phases.map(({ parentSpanId, attributes, status }) => [parentSpanId, attributes['onecycle.phase'], status.code]),
    [
      [first.spanId, 0, 2],
      [second.spanId, 0, 0],
      [second.spanId, 1, 0],
    ],
  );
  for (const phase of phases) {
    const attempt = phase.parentSpanId === first.spanId ? first : second;
    assert.ok(attempt.start <= phase.start && phase.start <= phase.end && phase.end <= attempt.end);
  }
  assert.equal(phases[1].end, phases[2].start);

  for (const { trace, outline } of others) assert.deepEqual(outlineOf(taken.spans, trace), outline.sort());

  const names = taken.spans.map((span) => span.name);
  assert.ok(names.includes('GET /jobs/:id'), 'requests without a traceparent begin a trace');
  assert.ok(!taken.spans.some((span) => unsampled.includes(span.traceId)), 'who asks for no trace gets none');
  assert.deepEqual(
    names.filter((name) => /metrics|ready|stream/.test(name)),
    [],
  );
  const idsOf = (message: string): unknown[][] =>
    lines(running.output)
      .filter(({ msg, job }) => msg === message && (job === undefined || job === id))
      .map(({ trace_id, span_id }) => [trace_id, span_id]);
  assert.deepEqual(idsOf('job created'), [[traceId, request.spanId]]);
  assert.deepEqual(
    idsOf('job started'),
    attempts.map(({ spanId }) => [traceId, spanId]),
  );
  assert.deepEqual(idsOf('job completed'), [[traceId, second.spanId]]);
  assert.deepEqual(idsOf('worker is ready for jobs'), [[undefined, undefined]]);
  assert.ok(loaded().some((path) => sdk.test(path)));
  assert.ok(!loaded().some((path) => /exporter-trace-otlp-proto/.test(path)));
});

test('without OTEL_*, or with OTEL_SDK_DISABLED, nothing of it is loaded', async (t) => {
  const { running, loaded } = await service(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_SDK_DISABLED: 'true',
  });
  await running.run(job({}));
  await running.stop();
  const paths = loaded();
  for (const program of ['bin/onecycle.js', 'worker/main.js', 'bullmq'])
    assert.ok(
      paths.some((path) => path.includes(program)),
      program,
    );
  assert.deepEqual(
    paths.filter((path) => sdk.test(path)),
    [],
  );
  assert.doesNotMatch(running.output, /trace_id/);
});

test('protobuf unless JSON is asked for; a collector that is not there costs a second at the end', async (t) => {
  const taken = await collector(t);
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = taken.url;
  process.env.OTEL_RESOURCE_ATTRIBUTES = 'service.name=mine';
  const told: object[] = [];
  const log = { warn: (facts: object) => void told.push(facts) };
  const stop = await startTracing(tracingSettings(), 'test', log);
  const outer = tracing().start('outer');
  tracing()
    .start('inner', { parent: outer, attributes: { a: 1 } })
    .end();
  outer.end();
  assert.equal(await stop(), true);
  assert.deepEqual([...taken.types], ['POST /v1/traces application/x-protobuf']);
  const [inner, first] = taken.spans;
  assert.deepEqual([inner.name, inner.parentSpanId, inner.service], ['inner', first.spanId, 'mine']);
  assert.deepEqual([...told], []);

  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:9';
  const stopAgain = await startTracing(tracingSettings(), 'test', log);
  tracing().start('lost').end();
  assert.equal(await stopAgain(), false);
});

test('which variables ask for traces', () => {
  const cases: [env: NodeJS.ProcessEnv, settings: object | null][] = [
    [{}, null],
    [{ OTEL_SERVICE_NAME: 'mine', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, null],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { json: false }],
    [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }, { json: false }],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a/v1/traces', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { json: true },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_SDK_DISABLED: 'TRUE' }, null],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_SDK_DISABLED: 'false' }, { json: false }],
  ];
  for (const [env, settings] of cases) assert.deepEqual(tracingSettings(env), settings, JSON.stringify(env));
  for (const wrong of [
    { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_TRACES_EXPORTER: 'jaeger' },
  ])
    assert.throws(() => tracingSettings(wrong), { code: 'invalid_configuration' });
});
