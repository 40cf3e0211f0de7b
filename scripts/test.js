// `npm test`: types, lint and import arrows, then every test, on the real engine and a real Valkey.
// Arguments are passed on as filters on the test files' paths: `npm test -- schedule e2e`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);

/** Several commands at once: each keeps one core busy. */
async function together(...commands) {
  const run = ([command, ...args]) => spawn(command, args, { cwd: root, stdio: 'inherit', env });
  const codes = await Promise.all(commands.map(async (words) => (await once(run(words), 'exit'))[0]));
  if (codes.some((code) => code !== 0)) process.exit(1);
}
const script = (name) => ['npm', 'run', '--silent', name];

function step(...[command, ...args]) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * The suite never uses a Redis that this machine happens to have: in its place stands one that does not run, so that
 * what the project must install by itself is missed here, and not first on a user's machine.
 */
function withoutRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-no-redis-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['redis-server', 'valkey-server'])
    writeFileSync(join(folder, name), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  return { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH ?? ''}` };
}
const env = withoutRedis();

/**
 * What takes longest begins first, so that no long file runs alone at the end: how paths begin, by what
 * `slowest-files.js` says. A long file that is missing here makes the suite longer, not wrong.
 */
const longestFirst = [
  'golden/trajectories',
  'e2e/failures',
  'package/package',
  'engine/native/install',
  'faults/campaign.test',
  'faults/hung',
  'jobs/concurrency',
  'e2e/journeys/pictures',
  'cli/commands',
  'e2e/parts',
  'faults/later-jobs',
  'valkey/valkey',
  'e2e/',
  'faults/',
  'golden/',
  'jobs/run',
  'web/',
];
function rank(file) {
  const place = longestFirst.findIndex((part) => file.startsWith(part));
  return place === -1 ? longestFirst.length : place;
}

// By the sources: what was built of a test that is gone may still lie there.
const testFiles = () =>
  readdirSync(`${root}/test`, { recursive: true })
    .filter(
      (file) => file.endsWith('.test.ts') && (filters.length === 0 || filters.some((part) => file.includes(part))),
    )
    .sort()
    .sort((one, other) => rank(one) - rank(other))
    .map((file) => `dist/test/${file.replace(/ts$/, 'js')}`);

await build({ clean: filters.length === 0 });
const files = testFiles();
if (files.length === 0) {
  // Without a file, node would run all that it finds.
  console.error(`No test file's path below test/ has ${filters.join(' or ')} in it.`);
  process.exit(1);
}
const checks = filters.length === 0 ? ['lint:code', 'typecheck', 'lint:arrows'].map(script) : [];
await together(...checks, ['node', 'bin/onecycle.js', 'engine', 'install']);
// `spec` tells at the end once more which tests failed, where the end of a log is all that one sees.
const reporters = ['./scripts/slowest-files.js', 'spec'].flatMap((name) => [
  `--test-reporter=${name}`,
  '--test-reporter-destination=stdout',
]);
step('node', '--enable-source-maps', '--test', ...reporters, '--test-concurrency=4', ...files);
