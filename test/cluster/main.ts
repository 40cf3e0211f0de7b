/**
 * `npm run cluster`: network namespaces stand in for hosts. Exit code 1, and what differed, where something does not
 * hold; 2 where this machine has no namespaces.
 */
import { cases, referenceOf, run } from './cases.js';
import { Cluster } from './cluster.js';
import { whatIsMissing } from './host.js';

const missing = whatIsMissing();
if (missing !== null) {
  console.error(`Not run, for this machine lacks ${missing}`);
  process.exit(2);
}
const [filter = ''] = process.argv.slice(2);
const cluster = await Cluster.start();
let failed = 0;
try {
  for (const host of cluster.hosts) await cluster.work(host);
  const reference = await referenceOf(cluster);
  console.log(`reference: ${reference.metrics.iteration.length} iterations`);
  for (const each of cases.filter(({ name }) => name.includes(filter))) {
    const lacks = each.missing?.() ?? null;
    if (lacks !== null) {
      console.log(`not run  ${each.name}: this machine lacks ${lacks}`);
      continue;
    }
    const began = performance.now();
    const { problems, record } = await run(cluster, each, reference);
    failed += problems.length;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `${problems.length === 0 ? 'holds  ' : 'BROKEN '}  ${each.name}: ${record.attempt} attempts, ${seconds} s`,
    );
    for (const problem of problems) console.log(`         ${problem}`);
  }
} catch (error) {
  for (const [name, { output }] of cluster.workers) console.error(`--- ${name}:\n${output.slice(-4000)}`);
  throw error;
} finally {
  await cluster.remove();
}
process.exitCode = failed === 0 ? 0 : 1;
