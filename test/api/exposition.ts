/** Prometheus' text format, read and held to its conventions. */
import assert from 'node:assert/strict';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Metric {
  name: string;
  type: string;
  help: string;
  samples: Sample[];
}

/** What a service tells Prometheus. */
export async function scrape(url: string): Promise<Map<string, Metric>> {
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  return parseExposition(await response.text());
}

/** Of a metric of ours, with these labels among others. */
export const value = (
  metrics: Map<string, Metric>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined =>
  metrics
    .get(`onecycle_${name.replace(/_(count|sum)$/, '')}`)
    ?.samples.find(
      (sample) =>
        sample.name === `onecycle_${name}` &&
        Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted),
    )?.value;

/** By name. @throws AssertionError where a line is not what the format has */
export function parseExposition(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  let current: Metric | undefined;
  for (const line of text.split('\n').filter(Boolean)) {
    const help = /^# HELP (\S+) (.+)$/.exec(line);
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (help) {
      assert.ok(!metrics.has(help[1]), `${help[1]} is there twice`);
      current = { name: help[1], type: '', help: help[2], samples: [] };
      metrics.set(current.name, current);
    } else if (type) {
      assert.equal(type[1], current?.name, line);
      current!.type = type[2];
    } else current!.samples.push(sampleOf(line, current!));
  }
  return metrics;
}

function sampleOf(line: string, { name, type }: Metric): Sample {
  const parts = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?|\+Inf|NaN)$/i.exec(line);
  assert.ok(parts, `not a sample: ${line}`);
  const suffixes =
    type === 'histogram' ? ['_bucket', '_sum', '_count'] : type === 'summary' ? ['', '_sum', '_count'] : [''];
  assert.ok(
    suffixes.some((suffix) => parts[1] === name + suffix),
    `${line} is below ${name}`,
  );
  const inBraces = parts.at(2) ?? '';
  const labels = [...inBraces.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  assert.equal(labels.map(([all]) => all).join(''), inBraces, `labels of ${line}`);
  return {
    name: parts[1],
    labels: Object.fromEntries(labels.map(([, label, value]) => [label, value])),
    value: Number(parts[3]),
  };
}

/** What promtool's linter says too, and that no value of a label is an id. */
export function lint(metrics: ReadonlyMap<string, Metric>, ids: readonly string[]): string[] {
  return [...metrics.values()].flatMap(({ name, type, help, samples }) => {
    const ours = name.startsWith('onecycle_');
    const wrong: [boolean, string][] = [
      [ours || /^(process|nodejs)_/.test(name), 'begins with whose it is'],
      [(type === 'counter') === name.endsWith('_total') || !ours, 'ends in _total exactly where it is a counter'],
      [!/_(ms|milliseconds|minutes|hours|kilobytes|mb|percent|info_total)(_|$)/.test(name), 'is in base units'],
      [!/_(count|sum|bucket)$/.test(name), 'has no suffix of a histogram'],
      [!/(gauge|counter|histogram)/.test(name), 'does not name its type'],
      [help.length > 10, 'has help'],
      [type !== 'counter' || samples.every(({ value }) => value >= 0), 'counts upwards'],
      [
        samples.every(({ labels }) => Object.values(labels).every((value) => !ids.some((id) => value.includes(id)))),
        'has no ids',
      ],
      [
        type !== 'histogram' || samples.every((sample) => rises(sample, samples)),
        'has buckets that rise up to its count',
      ],
    ];
    return wrong.filter(([right]) => !right).map(([, rule]) => `${name} ${rule}: it should`);
  });
}

/** Whether a bucket has no more than all values of its series. */
function rises({ name, labels: all, value }: Sample, samples: readonly Sample[]): boolean {
  if (!('le' in all)) return true;
  const { le, ...labels } = all;
  const same = samples.filter(({ labels: { le: _, ...others } }) => JSON.stringify(others) === JSON.stringify(labels));
  const count = same.find((other) => other.name === name.replace(/_bucket$/, '_count'))?.value ?? NaN;
  const bounds = same.filter((other) => other.name === name);
  const at = bounds.findIndex((other) => other.labels.le === le);
  return value <= count && (le !== '+Inf' || value === count) && (at === 0 || bounds[at - 1].value <= value);
}
