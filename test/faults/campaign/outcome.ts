/** What a job came to, as far as it must be the same however often it was interrupted, and where two differ. */
import { createHash } from 'node:crypto';
import type { Metrics, Server } from '../../e2e/harness.js';

/** Its curve, a finder's answer, and its final weights. */
export interface Outcome {
  metrics: Metrics;
  finder: unknown;
  weights: { status: number; bytes: number; sha256: string };
}

/** Reads it. */
export async function outcomeOf(server: Server, id: string, finder: boolean): Promise<Outcome> {
  const metrics = await server.metrics(id);
  const response = await fetch(`${server.url}/jobs/${id}/weights`);
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    metrics: { ...metrics, seconds: [], epochs: metrics.epochs.map((epoch) => ({ ...epoch, seconds: 0 })) },
    finder: finder ? await server.ok(`/jobs/${id}/lr-find`) : null,
    // What an answer without weights says names the job.
    weights: response.ok
      ? { status: response.status, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
      : { status: response.status, bytes: 0, sha256: '' },
  };
}

/** Where two values differ first, as a path with both; null where they are the same to the bit. */
export function difference(expected: unknown, found: unknown, path = ''): string | null {
  if (Object.is(expected, found)) return null;
  if (!isNode(expected) || !isNode(found))
    return `${path} is ${JSON.stringify(found)}, should be ${JSON.stringify(expected)}`;
  const lengths = [expected, found].map((node) => (Array.isArray(node) ? node.length : 0));
  if (lengths[0] !== lengths[1]) return `${path} has ${lengths[1]} values, should have ${lengths[0]}`;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const where = difference(expected[name], found[name], `${path}/${name}`);
    if (where !== null) return where;
  }
  return null;
}

const isNode = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
