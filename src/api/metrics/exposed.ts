/** A metric with its values, and all of them as Prometheus' text. prom-client writes it, and is loaded with this file. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Distribution } from '../../jobs/figures.js';

type Labels = Readonly<Record<string, string>>;

/** One metric. */
export interface Exposed {
  name: string;
  help: string;
  labels?: readonly string[];
  values:
    | { type: 'gauge' | 'counter'; samples: readonly (readonly [Labels, number])[] }
    | { type: 'histogram'; bounds: readonly number[]; samples: readonly (readonly [Labels, Distribution])[] };
}

/** Counted elsewhere, and told here. */
class CountedHistogram extends Histogram {
  readonly #samples: readonly (readonly [Labels, Distribution])[];
  readonly #bounds: readonly number[];
  readonly #metric: Exposed;

  constructor(metric: Exposed, bounds: readonly number[], samples: readonly (readonly [Labels, Distribution])[]) {
    super({ name: metric.name, help: metric.help, buckets: [...bounds], registers: [] });
    this.#metric = metric;
    this.#bounds = bounds;
    this.#samples = samples;
  }

  /** What a registry asks for; prom-client's types do not tell of it. */
  getForPromString(): Promise<object> {
    const { name, help } = this.#metric;
    const values = this.#samples.flatMap((sample) => this.#lines(name, ...sample));
    return Promise.resolve({ name, help, type: 'histogram', values });
  }

  /** Prometheus counts in each bucket what the smaller ones have as well. */
  #lines(name: string, labels: Labels, { count, sum, buckets }: Distribution) {
    let upTo = 0;
    const line = (suffix: string, value: number, more: Record<string, string | number> = {}) => ({
      metricName: `${name}_${suffix}`,
      labels: { ...more, ...labels },
      value,
    });
    return [
      ...this.#bounds.map((le) => line('bucket', (upTo += buckets.get(le) ?? 0), { le })),
      line('bucket', count, { le: '+Inf' }),
      line('sum', sum),
      line('count', count),
    ];
  }
}

const standard = new Registry();
// Begins to watch the event loop and the garbage collector, once for all.
collectDefaultMetrics({ register: standard });

/** All of them, and what is to be known of any Node process. */
export async function text(metrics: readonly Exposed[]): Promise<{ type: string; text: string }> {
  const registry = new Registry();
  for (const metric of metrics) register(registry, metric);
  return { type: registry.contentType, text: `${await registry.metrics()}\n${await standard.metrics()}` };
}

function register(registry: Registry, metric: Exposed): void {
  const { name, help, labels = [], values } = metric;
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  switch (values.type) {
    case 'gauge': {
      const gauge = new Gauge(configuration);
      for (const [of, value] of values.samples) gauge.set(of, value);
      return;
    }
    case 'counter': {
      const counter = new Counter(configuration);
      for (const [of, value] of values.samples) counter.inc(of, value);
      return;
    }
    case 'histogram':
      registry.registerMetric(new CountedHistogram(metric, values.bounds, values.samples));
  }
}
