/**
 * The package as its users get it: packed from the sources, installed without flags in an empty folder, with no clone
 * in sight.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onecycle-package-'));
const consumer = join(folder, 'consumer');
after(() => rmSync(folder, { recursive: true, force: true }));

interface PackageJson {
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}
const ours = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;

/** Runs a command to its end, and gives what it printed. */
async function run(cwd: string, [command, ...args]: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  // npm tells its scripts its settings in the environment, ours among them.
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  const options = { cwd, env: { ...Object.fromEntries(clean), ...env }, maxBuffer: 2 ** 26 };
  const { stdout, stderr } = await promisify(execFile)(command, args, options);
  return stdout + stderr;
}

/** The checkout without what is built in it, as a fresh clone has it; `npm ci` was run by who runs the tests. */
async function copyCheckout(to: string): Promise<void> {
  const files = await run(root, ['git', 'ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  for (const file of files.split('\0').filter((file) => file && existsSync(join(root, file)))) {
    cpSync(join(root, file), join(to, file));
  }
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
}

before(async () => {
  const checkout = join(folder, 'checkout');
  await copyCheckout(checkout);
  await run(checkout, ['npm', 'pack', '--pack-destination', folder]);
  mkdirSync(consumer);
  await run(consumer, ['npm', 'install', join(folder, `onecycle-${ours.version}.tgz`)]);
});

test('`onecycle --version` is the version of the package', async () => {
  assert.equal((await run(consumer, ['npx', 'onecycle', '--version'])).trim(), ours.version);
});

test('who depends on us gets the versions that we pin, once, and nothing whose installer fails', () => {
  const { packages } = JSON.parse(readFileSync(join(consumer, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versions = Object.entries({ ...ours.dependencies, ...ours.optionalDependencies });
  for (const [name, version] of versions) {
    const copies = Object.entries(packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
    if (['@fastify/static', 'light-my-request', 'msgpackr-extract'].includes(name))
      assert.equal(copies.length, 1, name);
    assert.equal(packages[`node_modules/${name}`].version, version, name);
  }
  assert.equal('node_modules/@tensorflow/tfjs-node-gpu' in packages, false);
});

test('the types hold in a strict TypeScript project that checks libraries too', async () => {
  writeFileSync(
    join(consumer, 'consumer.ts'),
    `import { Learner, fitOneCycle, type LearnerOptions } from 'onecycle/learner';
import { planPolicy } from 'onecycle/schedule';
export const learner = (options: LearnerOptions): Learner => new Learner(options);
export const policy: ReturnType<typeof fitOneCycle> | undefined = undefined;
// @ts-expect-error it is a function, not any
export const wrong: number = planPolicy;
`,
  );
  const compilerOptions = {
    strict: true,
    skipLibCheck: false,
    target: 'es2022',
    module: 'nodenext',
    noEmit: true,
    types: [],
  };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const found = await run(consumer, [process.execPath, compiler, '--pretty', 'false']).catch(
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  // TensorFlow.js's own declarations do not pass; a project that checks libraries has that with or without us.
  const problems = found.split('\n').filter((line) => /^(consumer\.ts|node_modules\/onecycle\/|error )/.test(line));
  assert.deepEqual(problems, []);
});

test('the learner runs as a library', async () => {
  const script = "import('onecycle/learner').then(({ Learner }) => console.log(typeof Learner))";
  assert.equal((await run(consumer, [process.execPath, '-e', script])).trim(), 'function');
});

test('`npx onecycle demo` with an empty cache, no compiler and no clone reaches its accuracy', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const find = (program: string): string =>
    (process.env.PATH ?? '')
      .split(delimiter)
      .map((part) => join(part, program))
      .find(existsSync) ?? '';
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const program of ['npm', 'npx', 'sh']) symlinkSync(find(program), join(bin, program));
  const output = await run(consumer, ['npx', 'onecycle', 'demo'], {
    PATH: bin,
    CXX: '',
    REDIS_URL: '',
    ONECYCLE_CACHE_DIR: join(folder, 'cache'),
  });
  const [, accuracy] = /Accuracy: (0\.\d+) .*\(wasm on cpu:0\)/.exec(output) ?? [];
  assert.ok(Number(accuracy) > 0.9, output);
});
