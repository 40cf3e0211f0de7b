/**
 * The package as its users get it: packed from the sources, installed without flags in an empty folder, with no clone
 * in sight.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { parse } from 'yaml';
import { startBrowser } from '../browser.js';
import { Server } from '../e2e/harness.js';

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
  const jobs = documentedJobs();
  assert.ok(jobs.length >= 8, `${jobs.length} jobs and parts of jobs`);
  writeFileSync(
    join(consumer, 'jobs.ts'),
    `import { Onecycle, type Frame, type JobRequest } from 'onecycle/client';
export const jobs: Partial<JobRequest>[] = [${jobs.join(',\n')}];
export async function losses(client: Onecycle, job: JobRequest): Promise<(number | null)[]> {
  const all: (number | null)[] = [];
  for await (const frame of (await client.jobs.create(job)).stream()) if (frame.type === 'batches') all.push(...frame.loss);
  return all;
}
// @ts-expect-error it has no such field
export const typo: JobRequest = { policy: { name: 'fit', n_epochs: 1 }, dataset: { builtin: 'iris' } };
// @ts-expect-error a gap is filled before anybody sees it
export const gap: Frame['type'] = 'gap';
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
  writeFileSync(
    join(consumer, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['consumer.ts', 'jobs.ts'] }),
  );
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const found = await run(consumer, [process.execPath, compiler, '--pretty', 'false']).catch(
    (error: unknown) => (error as { stdout: string }).stdout,
  );
  // TensorFlow.js's own declarations do not pass; a project that checks libraries has that with or without us.
  const problems = found
    .split('\n')
    .filter((line) => /^(consumer\.ts|jobs\.ts|node_modules\/onecycle\/|error )/.test(line));
  assert.deepEqual(problems, []);
});

/** The jobs that the documentation shows, and the parts of jobs: JSON that has no other fields than a job's. */
function documentedJobs(): string[] {
  const { components } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as {
    components: { schemas: { JobRequest: { properties: object } } };
  };
  const fields = Object.keys(components.schemas.JobRequest.properties);
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => `docs/${page}`)];
  const shown = pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => [...readFileSync(join(root, page), 'utf8').matchAll(/```json\n(.*?)```|-d '(\{[^']*\})'/gs)])
    .map(([, block, sent]) => block || sent);
  return shown.filter((text) => {
    const body = valueOf(text);
    return Object.keys(body).length > 0 && Object.keys(body).every((name) => fields.includes(name));
  });
}

function valueOf(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    // It has an ellipsis, or a comment.
    return {};
  }
}

test('the client runs in Node and, bundled, in a browser', async () => {
  const start = join(consumer, 'node_modules/onecycle/bin/onecycle.js');
  const server = await Server.start({ command: [process.execPath, start, 'up'] });
  const browser = await startBrowser();
  try {
    const program = `import { Onecycle } from 'onecycle/client';
export async function follow(url) {
  const states = [];
  const client = new Onecycle({ url });
  const job = await client.jobs.create({
    policy: { name: 'fit', n_epoch: 1, lr: 0.01 }, dataset: { builtin: 'iris' }, model: { preset: 'mlp' },
  });
  const types = [];
  for await (const { type } of job.stream({ onState: (state) => states.push(state) })) types.push(type);
  return { url: client.url, status: (await job.done()).status, states, types: [...new Set(types)] };
}`;
    writeFileSync(join(consumer, 'program.mjs'), program);
    const seen = { status: 'completed', states: ['connected'], types: ['status', 'batches', 'epoch'] };
    const script = "import('./program.mjs').then(async (p) => console.log(JSON.stringify(await p.follow())))";
    const printed = await run(consumer, [process.execPath, '-e', script], { ONECYCLE_URL: server.url });
    assert.deepEqual(JSON.parse(printed), { ...seen, url: server.url });

    const options = { bundle: true, platform: 'browser', format: 'iife', globalName: 'program', write: false } as const;
    const { outputFiles } = await build({ entryPoints: [join(consumer, 'program.mjs')], minify: true, ...options });
    const page = await browser.newPage();
    // Its policy lets a page ask its own server; those of other answers let it do nothing.
    await page.goto(server.url);
    // A browser's own socket, and the page's origin as the address.
    assert.deepEqual(await page.evaluate(`${outputFiles[0].text};program.follow()`), { ...seen, url: server.url });
    assert.ok(outputFiles[0].contents.length < 40_000, `${outputFiles[0].contents.length} bytes`);
  } finally {
    await browser.close();
    await server.stop();
  }
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
