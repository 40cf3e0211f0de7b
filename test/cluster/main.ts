/**
 * `npm run cluster`: network namespaces stand in for hosts. Exit code 1, and what differed, where something does not
 * hold; 2 where this machine has no namespaces.
 */
import type { Outcome } from '../faults/campaign/outcome.js';
import { conditional } from '../storage/s3-server.js';
import { cases, referenceOf, run, type Case } from './cases.js';
import { Cluster, type StorageKind } from './cluster.js';
import { whatIsMissing } from './host.js';

const [filter = ''] = process.argv.slice(2);

/** Every case, with such a storage; returns how much was wrong. */
async function runOn(storage: StorageKind): Promise<number> {
  const cluster = await Cluster.start(storage);
  let failed = 0;
  try {
    for (const host of cluster.hosts) await cluster.work(host);
    const reference = await referenceOf(cluster);
    console.log(`storage: ${storage}; reference: ${reference.metrics.iteration.length} iterations`);
    for (const each of cases.filter(({ name }) => name.includes(filter)))
      failed += await runCase(cluster, each, reference);
  } catch (error) {
    for (const [name, { output }] of cluster.workers) console.error(`--- ${name}:\n${output.slice(-4000)}`);
    throw error;
  } finally {
    await cluster.remove();
  }
  return failed;
}

async function runCase(cluster: Cluster, each: Case, reference: Outcome): Promise<number> {
  const lacks = each.missing?.() ?? null;
  if (lacks !== null) {
    console.log(`not run  ${each.name}: this machine lacks ${lacks}`);
    return 0;
  }
  const began = performance.now();
  const { problems, record } = await run(cluster, each, reference);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const verdict = problems.length === 0 ? 'holds  ' : 'BROKEN ';
  console.log(`${verdict}  ${each.name}: ${record.attempt} attempts, ${seconds} s`);
  for (const problem of problems) console.log(`         ${problem}`);
  return problems.length;
}

const missing = whatIsMissing();
if (missing !== null) {
  console.error(`Not run, for this machine lacks ${missing}`);
  process.exit(2);
}
let failed = await runOn('folder');
// A server without conditional writes would prove nothing: they keep out who has lost a job.
if (conditional) failed += await runOn('s3');
else console.log('not run  on S3: this machine has neither versitygw nor Go, which would build it');
process.exitCode = failed === 0 ? 0 : 1;
