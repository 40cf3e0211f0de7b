/** The HTTP API as a plain Fastify plugin. It knows jobs and storage, and loads no engine. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { Meters } from './metrics/meters.js';
import access from './plugins/access.js';
import cors from './plugins/cors.js';
import dashboard from './plugins/dashboard.js';
import docs from './plugins/docs.js';
import headers from './plugins/headers.js';
import httpTimes from './plugins/http-times.js';
import json from './plugins/json.js';
import notFound from './plugins/not-found.js';
import openapi from './plugins/openapi.js';
import pace from './plugins/pace.js';
import problems from './plugins/problems.js';
import quotas from './plugins/quotas.js';
import tenants from './plugins/tenants.js';
import traces from './plugins/tracing.js';
import validation from './plugins/validation.js';
import websocket from './plugins/websocket.js';
import type { Context } from './routes/context.js';
import { checkpointRoutes } from './routes/checkpoints.js';
import { datasetRoutes } from './routes/datasets.js';
import { controlRoutes } from './routes/control.js';
import { jobListRoute } from './routes/job-list.js';
import { jobRoutes } from './routes/jobs.js';
import { keyRoutes } from './routes/keys.js';
import { lrFindRoutes } from './routes/lr-find.js';
import { metricsRoutes } from './routes/metrics.js';
import { modelRoutes } from './routes/model.js';
import { postedModelRoutes } from './routes/models.js';
import { plotRoutes } from './routes/plots.js';
import { predictRoutes } from './routes/predict.js';
import { prometheusRoute } from './routes/prometheus.js';
import { queueRoutes } from './routes/queue.js';
import { scheduleRoutes } from './routes/schedules.js';
import { serviceRoutes } from './routes/service.js';
import { tenantRoutes } from './routes/tenants.js';
import { streamRoutes } from './routes/streams.js';
import { manyStreamsRoute } from './routes/streams-of-many.js';
import { webhookRoutes } from './routes/webhooks.js';
import { weightsRoutes } from './routes/weights.js';
import { workerRoutes } from './routes/workers.js';

/** What the plugin is given; settings that are left out have their defaults. */
export type AppOptions = Omit<Context, 'config' | 'meters'> & {
  config?: Partial<Context['config']>;
  meters?: Meters;
};

const defaults: Context['config'] = {
  maxBodyBytes: 64 * 1024 * 1024,
  maxJsonBytes: 16 * 1024 * 1024,
  maxUploadBytes: 4 * 1024 ** 3,
  pace: { windowMs: 20_000, leastBytesPerSecond: 1024, totalMs: 300_000 },
  tls: false,
  access: { apiKeys: [], insecure: false, allowedHosts: [], corsOrigins: [] },
  wrongKeysPerMinute: 20,
  callbacks: new Map(),
  expectWorkers: true,
  patience: { maxWaitingBytes: 16 * 1024, maxUnreadBytes: 128 * 1024, maxWaitMs: 10_000, maxSilentMs: 20_000 },
  heartbeatMs: 15_000,
  webhooks: { allowed: [] },
  mlflow: null,
};

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The plugin: errors, checks, documents and all routes. */
export default fp(async function api(
  instance: FastifyInstance,
  { jobs, storage, meters = new Meters(), config }: AppOptions,
) {
  const context: Context = { jobs, storage, meters, config: { ...defaults, ...config } };
  await instance.register(traces);
  await instance.register(pace, context.config.pace);
  await instance.register(headers, context.config);
  await instance.register(problems);
  await instance.register(validation);
  const { maxBodyBytes, maxJsonBytes, wrongKeysPerMinute } = context.config;
  await instance.register(json, { maxJsonBytes: Math.min(maxJsonBytes, maxBodyBytes) });
  await instance.register(cors, { origins: context.config.access.corsOrigins });
  await instance.register(notFound);
  await instance.register(openapi, { version });
  await instance.register(websocket, context.config);
  dispatch(instance, context);
  // After WebSockets, which close what is refused.
  await instance.register(access, { jobs, settings: context.config.access, wrongKeysPerMinute });
  await instance.register(tenants, { jobs });
  await instance.register(quotas, { jobs });
  await instance.register(httpTimes, { meters });
  await instance.register(docs);
  await instance.register(dashboard);

  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  serviceRoutes(app, context, version);
  jobRoutes(app, context);
  jobListRoute(app, context);
  await datasetRoutes(app, context);
  controlRoutes(app, context);
  checkpointRoutes(app, context);
  metricsRoutes(app, context);
  lrFindRoutes(app, context);
  weightsRoutes(app, context);
  modelRoutes(app, context);
  await instance.register(predictRoutes, context);
  postedModelRoutes(app, context);
  plotRoutes(app, context);
  streamRoutes(app, context);
  manyStreamsRoute(app, context);
  scheduleRoutes(app);
  queueRoutes(app, context);
  workerRoutes(app, context);
  keyRoutes(app, context);
  tenantRoutes(app, context);
  prometheusRoute(app, context);
  webhookRoutes(app, context);
});

/**
 * Deliveries are sent, and curves pushed on, from when it listens on: an app that only answers, or is documented, sends
 * none.
 */
function dispatch(instance: FastifyInstance, { jobs, config }: Context): void {
  const running: Promise<{ close(): Promise<void> }>[] = [];
  const { webhooks, mlflow } = config;
  instance.addHook('onListen', (done) => {
    running.push(
      import('./webhooks/dispatcher.js').then(
        ({ Dispatcher }) => new Dispatcher(jobs.webhooks, webhooks, instance.log),
      ),
    );
    if (mlflow !== null)
      running.push(import('./mlflow/pusher.js').then(({ Pusher }) => new Pusher(jobs, mlflow, instance.log)));
    done();
  });
  instance.addHook('preClose', async () => {
    await Promise.all(running.map(async (each) => (await each).close()));
  });
}
