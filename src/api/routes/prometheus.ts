/** The service's figures, for Prometheus. */
import { answers, content } from '../schemas/answers.js';
import type { App, Context } from './context.js';

/** `GET /metrics`. */
export function prometheusRoute(app: App, { jobs, meters }: Pick<Context, 'jobs' | 'meters'>): void {
  app.get(
    '/metrics',
    {
      logLevel: 'warn',
      config: { service: true },
      schema: {
        tags: ['operators'],
        operationId: 'getPrometheusMetrics',
        summary: 'Figures of the service for Prometheus',
        description:
          'Queue, jobs, workers and counts of the whole service are the same from every API process; streams, requests, ' +
          'latencies and `process_…`, `nodejs_…` are those of the process that answers. docs/monitoring.md lists them.',
        response: answers(
          { 200: content<string>('text/plain', "Prometheus' text format, version 0.0.4") },
          'unavailable',
        ),
      },
    },
    async (_request, reply) => {
      // An API starts sooner without them.
      const [{ text }, { serviceMetrics }, { processMetrics }] = await Promise.all([
        import('../metrics/exposed.js'),
        import('../metrics/service.js'),
        import('../metrics/process.js'),
      ]);
      const [figures, behind] = await Promise.all([jobs.figures(), jobs.behind()]);
      const answer = await text([...serviceMetrics(figures), ...processMetrics(meters, behind)]);
      return reply.header('content-type', answer.type).send(answer.text);
    },
  );
}
