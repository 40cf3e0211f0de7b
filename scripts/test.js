// `npm test`: types, lint and import arrows, then every test, on the real engine and a real Valkey.
// Arguments are passed on as filters on the test files' paths: `npm test -- schedule e2e`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);

function step(...[command, ...args]) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const testFiles = () =>
  readdirSync(`${root}/dist/test`, { recursive: true })
    .filter(
      (file) => file.endsWith('.test.js') && (filters.length === 0 || filters.some((part) => file.includes(part))),
    )
    .map((file) => `dist/test/${file}`)
    .sort();

if (filters.length === 0) {
  step('npm', 'run', '--silent', 'typecheck');
  step('npm', 'run', '--silent', 'lint');
}
await build({ clean: filters.length === 0 });
step('node', 'bin/onecycle.js', 'engine', 'install');
step('node', '--enable-source-maps', '--test', '--test-concurrency=2', ...testFiles());
