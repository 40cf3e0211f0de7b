/** The configuration: what is wrong is said by name, and docs/configuration.md tells every variable once. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  cacheFolder,
  defaultLimits,
  compilerCommand,
  engineSettings,
  loadConfig,
  trainerSettings,
  variables,
  workerSettings,
} from '../src/config.js';
import { OnecycleError } from '../src/errors.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('without any variable: the contract’s defaults', () => {
  assert.deepEqual(loadConfig({}), {
    host: '127.0.0.1',
    port: 3000,
    access: { apiKeys: [], insecure: false, allowedHosts: [], corsOrigins: [] },
    wrongKeysPerMinute: 20,
    redisUrl: null,
    dataDir: resolve('data'),
    storage: {
      url: null,
      endpoint: null,
      region: null,
      pathStyle: null,
      cacheBytes: 20 * 1024 ** 3,
      patienceMs: 300_000,
    },
    engine: null,
    devices: null,
    workersPerDevice: 1,
    drainFile: null,
    callbackModules: [],
    trainerUser: null,
    edge: { maxConnections: 10_000, maxConnectionsPerAddress: 1000, tls: null, trustProxy: [] },
    bodyLimit: 64 * 1024 * 1024,
    jsonLimit: 16 * 1024 * 1024,
    datasetLimit: 4 * 1024 ** 3,
    limits: defaultLimits,
    webhookAllow: [],
    mlflow: null,
    logLevel: 'info',
  });
});

test('an empty variable counts as unset', () => {
  assert.deepEqual(loadConfig({ PORT: '', REDIS_URL: '', ONECYCLE_ENGINE: '' }), loadConfig({}));
});

test('each variable sets what it names', () => {
  const { port, redisUrl, dataDir, engine, devices, workersPerDevice, limits } = loadConfig({
    PORT: '0',
    REDIS_URL: 'rediss://user:secret@host:6380/1',
    ONECYCLE_DATA_DIR: '/var/lib/onecycle',
    ONECYCLE_ENGINE: 'wasm',
    ONECYCLE_DEVICES: 'cuda:1,cuda:0,cuda:1',
    ONECYCLE_WORKERS: '0',
    ONECYCLE_MAX_QUEUED: '7',
    ONECYCLE_IDEMPOTENCY_HOURS: '48',
    ONECYCLE_MAX_ITERATIONS: '1000',
    ONECYCLE_TIMEOUT_SECONDS: '3600',
    ONECYCLE_TENANT_LIMITS: 'queued=5,running=2',
    ONECYCLE_KEY_LIMITS: 'none',
  });
  assert.deepEqual(
    { port, redisUrl, dataDir, engine, devices, workersPerDevice, limits },
    {
      port: 0,
      redisUrl: 'rediss://user:secret@host:6380/1',
      dataDir: '/var/lib/onecycle',
      engine: 'wasm',
      devices: ['cuda:1', 'cuda:0'],
      workersPerDevice: 0,
      limits: {
        maxQueued: 7,
        idempotencyHours: 48,
        maxIterations: 1000,
        timeoutSeconds: 3600,
        tenant: { queued: 5, running: 2 },
        key: {},
      },
    },
  );
});

test('the engine’s settings alone, whatever else the environment has', () => {
  assert.deepEqual(engineSettings({ PORT: 'http' }), { name: undefined, eager: false });
  assert.deepEqual(engineSettings({ ONECYCLE_ENGINE: '', ONECYCLE_EAGER: '' }), { name: undefined, eager: false });
  assert.deepEqual(engineSettings({ ONECYCLE_ENGINE: 'wasm', ONECYCLE_EAGER: '1' }), { name: 'wasm', eager: true });
  for (const env of [{ ONECYCLE_ENGINE: 'torch' }, { ONECYCLE_EAGER: 'yes' }]) {
    const [name] = Object.keys(env);
    assert.throws(
      () => engineSettings(env),
      (error) => error instanceof OnecycleError && error.problems.map(({ pointer }) => pointer).join() === `/${name}`,
    );
  }
});

test('a worker shares as many threads as the machine has cores, unless it is told otherwise', () => {
  const table: [env: NodeJS.ProcessEnv, threads: number, slots: number][] = [
    [{ ONECYCLE_THREADS: '4' }, 4, Math.min(4, Math.max(1, Math.floor(totalmem() / 2 ** 30)))],
    [{ TF_NUM_INTRAOP_THREADS: '1' }, 1, 1],
    [{ ONECYCLE_THREADS: '4', TF_NUM_INTRAOP_THREADS: '1', ONECYCLE_SLOTS: '2' }, 4, 2],
    [{ ONECYCLE_THREADS: '4', ONECYCLE_SLOTS: '8' }, 4, 4],
    [{ ONECYCLE_THREADS: '4', ONECYCLE_WORKERS: '2' }, 4, 1],
    [{ ONECYCLE_THREADS: '4', ONECYCLE_WORKERS: '2', ONECYCLE_SLOTS: '3' }, 4, 3],
    [{ ONECYCLE_THREADS: '4', ONECYCLE_DEVICE: 'cuda:0', ONECYCLE_SLOTS: '3' }, 4, 3],
  ];
  for (const [env, threads, slots] of table) {
    const { capacity } = workerSettings({ ONECYCLE_REDIS_SOCKET: '/run/valkey.sock', ...env });
    assert.deepEqual(capacity, { threads, slots, gpu_memory_bytes: null }, JSON.stringify(env));
  }
  assert.throws(() => workerSettings({ ONECYCLE_REDIS_SOCKET: '/s', ONECYCLE_SLOTS: '0' }), {
    code: 'invalid_configuration',
  });
});

test('where webhooks may lead beside public addresses: names, addresses and networks', () => {
  const right = ['hooks.local', 'build_box-1', '10.0.0.5', '10.0.0.0/8', '0.0.0.0/0', 'fd00::1', 'fd00::/8', '::/128'];
  assert.deepEqual(loadConfig({ ONECYCLE_WEBHOOK_ALLOW: right.join() }).webhookAllow, right);
  for (const wrong of [
    ...[
      '10.0.0.0/99',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10/8',
      '10.0.0.0/8/8',
      '300.1.2.3',
      '10.1',
      'fd00::/129',
      'fd00:::1',
    ],
    ...['hooks.local/8', 'hooks.local:8080', 'http://hooks.local', 'hooks..local', '0x7f.1'],
  ])
    assert.throws(
      () => loadConfig({ ONECYCLE_WEBHOOK_ALLOW: `hooks.local,${wrong}` }),
      (error) =>
        error instanceof OnecycleError &&
        error.code === 'invalid_configuration' &&
        error.problems[0].pointer === '/ONECYCLE_WEBHOOK_ALLOW' &&
        error.message.includes(`: ${wrong} is neither`),
      wrong,
    );
});

test('a worker process is told its Redis: a URL, else the embedded Valkey’s socket', () => {
  const socket = {
    ONECYCLE_REDIS_SOCKET: '/run/valkey.sock',
    ONECYCLE_DEVICE: 'cuda:1',
    ONECYCLE_DATA_DIR: '/data',
    ONECYCLE_SLOTS: '1',
    ONECYCLE_GPU_MEMORY_BYTES: '5',
    ONECYCLE_WEIGHT: '0.5',
  };
  assert.deepEqual(workerSettings(socket), {
    device: 'cuda:1',
    redis: { path: '/run/valkey.sock' },
    dataDir: '/data',
    storage: loadConfig({}).storage,
    keepDays: null,
    labels: {},
    weight: 0.5,
    logLevel: 'info',
    children: { passed: [], noNetwork: false, user: null },
    capacity: { threads: availableParallelism(), slots: 1, gpu_memory_bytes: 5 },
    trainer: null,
  });
  assert.equal(workerSettings({ ...socket, ONECYCLE_DEVICE: 'cpu' }).capacity.gpu_memory_bytes, null);
  assert.equal(workerSettings({ ...socket, ONECYCLE_KEEP_DAYS: '30' }).keepDays, 30);
  assert.throws(() => workerSettings({ ...socket, ONECYCLE_KEEP_DAYS: '0' }), { code: 'invalid_configuration' });
  assert.equal(workerSettings({ ...socket, REDIS_URL: 'redis://host' }).redis, 'redis://host');
  assert.throws(() => workerSettings({}), { code: 'invalid_configuration' });
  assert.throws(() => workerSettings({ ...socket, ONECYCLE_DEVICE: 'tpu' }), { code: 'invalid_configuration' });
});

test('where files are: the bucket, and a server of one’s own with the bucket in the path or not', () => {
  const own = {
    AWS_ENDPOINT_URL: 'http://a',
    AWS_ENDPOINT_URL_S3: 'http://b',
    AWS_REGION: 'eu',
    ONECYCLE_S3_PATH_STYLE: '0',
  };
  const { storage } = workerSettings({
    ...{ ONECYCLE_REDIS_SOCKET: '/s', ONECYCLE_STORAGE: 's3://team/some/where', ONECYCLE_STORAGE_PATIENCE: '5' },
    ...own,
  });
  const { cacheBytes } = loadConfig({}).storage;
  const at = { url: 's3://team/some/where', endpoint: 'http://b', region: 'eu', pathStyle: false };
  assert.deepEqual(storage, { ...at, cacheBytes, patienceMs: 5000 });
  for (const url of ['s3://', 's3://B', 's3://bucket//x', 's3://bucket/../x', 'https://bucket', '/folder'])
    assert.throws(() => loadConfig({ ONECYCLE_STORAGE: url }), { code: 'invalid_configuration' }, url);
});

test('a certificate needs its key, and proxies are named', () => {
  for (const name of ['ONECYCLE_TLS_CERT', 'ONECYCLE_TLS_KEY'])
    assert.throws(() => loadConfig({ [name]: 'tls.pem' }), /set ONECYCLE_TLS_(KEY|CERT) as well/);
  const { edge } = loadConfig({
    ONECYCLE_TLS_CERT: 'tls.crt',
    ONECYCLE_TLS_KEY: '/tls.key',
    ONECYCLE_TRUST_PROXY: 'loopback,10.0.0.0/8,fd00::1',
  });
  assert.deepEqual(edge.tls, { cert: resolve('tls.crt'), key: '/tls.key' });
  assert.deepEqual(edge.trustProxy, ['loopback', '10.0.0.0/8', 'fd00::1']);
  const { children } = workerSettings({
    REDIS_URL: 'redis://host',
    ONECYCLE_TRAINER_ENV: 'WANDB_API_KEY,B',
    ONECYCLE_TRAINER_NETWORK: 'none',
    ONECYCLE_TRAINER_USER: '990:991',
  });
  assert.deepEqual(children, { passed: ['WANDB_API_KEY', 'B'], noNetwork: true, user: '990:991' });
});

test('a trainer process, the installed things’ folder and the compiler have settings of their own', () => {
  assert.deepEqual(trainerSettings({ ONECYCLE_CALLBACKS: 'a.js, /b.js,', ONECYCLE_ENGINE: 'wasm' }), {
    engine: { name: 'wasm', eager: false },
    callbackModules: [resolve('a.js'), '/b.js'],
    jobs: 1000,
  });
  assert.equal(cacheFolder({ ONECYCLE_CACHE_DIR: 'somewhere' }), resolve('somewhere'));
  assert.match(cacheFolder({ ONECYCLE_CACHE_DIR: '' }), /onecycle$/);
  assert.deepEqual(compilerCommand({ CXX: ' ccache  g++' }), ['ccache', 'g++']);
  assert.deepEqual(compilerCommand({}), ['c++']);
});

describe('a wrong value is an error that names the variable and says what would be right', () => {
  for (const [name, value] of [
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['REDIS_URL', 'localhost:6379'],
    ['ONECYCLE_ENGINE', 'torch'],
    ['ONECYCLE_DEVICES', 'gpu'],
    ['ONECYCLE_DEVICES', 'cuda:0,'],
    ['ONECYCLE_WORKERS', '-1'],
    ['ONECYCLE_TRAINER_JOBS', '0'],
    ['ONECYCLE_WORKERS', 'many'],
    ['ONECYCLE_BODY_LIMIT', '64MB'],
    ['ONECYCLE_LOG_LEVEL', 'loud'],
    ['ONECYCLE_EAGER', 'yes'],
    ['ONECYCLE_TRUST_PROXY', 'true'],
    ['ONECYCLE_TRUST_PROXY', '1'],
    ['ONECYCLE_MAX_CONNECTIONS', '0'],
  ] as const) {
    test(`${name}=${value}`, () => {
      assert.throws(
        () => loadConfig({ [name]: value }),
        (error) =>
          error instanceof OnecycleError &&
          error.code === 'invalid_configuration' &&
          error.message.startsWith(`${name}=${value} is not valid. `) &&
          error.problems[0]?.pointer === `/${name}`,
      );
    });
  }

  test('a password is not repeated', () => {
    assert.throws(
      () => loadConfig({ REDIS_URL: 'http://user:secret@host' }),
      (error) => error instanceof Error && error.message.includes('host') && !error.message.includes('secret'),
    );
  });

  test('all of them at once', () => {
    assert.throws(
      () => loadConfig({ PORT: 'x', ONECYCLE_ENGINE: 'y', HOST: 'h' }),
      (error) =>
        error instanceof OnecycleError &&
        error.problems.map(({ pointer }) => pointer).join() === '/PORT,/ONECYCLE_ENGINE',
    );
  });
});

describe('docs/configuration.md', () => {
  const documented = [
    ...readFileSync(join(root, 'docs', 'configuration.md'), 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm),
  ].map((match) => match[1]);

  test('tells no variable twice', () => {
    assert.equal(new Set(documented).size, documented.length);
  });

  test('tells every variable that a source reads', () => {
    const sources = ['src', 'workers'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(root, folder, file)),
    );
    const elsewhere = sources.filter((file) => file !== join(root, 'src', 'config.ts'));
    for (const file of elsewhere) {
      const text = readFileSync(file, 'utf8');
      const own = Object.keys(variables).filter((name) => new RegExp(`\\benv\\.${name}\\b`).test(text));
      assert.deepEqual(own, [], `${file} reads what src/config.ts is there to read`);
    }
    const read = sources.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\benv\.([A-Z][A-Z0-9_]*)/g)].map((match) => match[1]),
    );
    assert.ok(read.length > 0);
    assert.deepEqual(
      [...new Set(read)].filter((name) => !documented.includes(name)),
      [],
    );
  });
});

test('keys come from a variable and a file, and no message shows them', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const [one, two] = ['a', 'b'].map((letter) => `oc_${letter.repeat(40)}`);
  writeFileSync(file, `${two}\n`);
  assert.deepEqual(loadConfig({ ONECYCLE_API_KEYS: one, ONECYCLE_API_KEYS_FILE: file }).access.apiKeys, [one, two]);
  const secret = 'oc_not-a-key';
  writeFileSync(file, secret);
  for (const env of [
    { ONECYCLE_API_KEYS: secret },
    { ONECYCLE_API_KEYS_FILE: file },
    { ONECYCLE_API_KEYS_FILE: join(folder, 'none') },
  ])
    assert.throws(
      () => loadConfig(env),
      (error: Error) => /ONECYCLE_API_KEYS/.test(error.message) && !error.message.includes(secret),
    );
});
