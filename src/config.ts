/** The configuration: every environment variable of onecycle (variables.ts) is read and checked here. */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { Type, type Static, type TObject, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { OnecycleError } from './errors.js';
import { isHostOrNetwork } from './schema/host.js';
import { labelsOf, type Labels } from './schema/labels.js';
import { keyPattern, Variables, type EdgeSettings, type JobLimits } from './variables.js';

export { defaultEdge, defaultLimits, type EdgeSettings, type JobLimits, type TlsFiles } from './variables.js';

/** Name → schema, for docs/configuration.md. */
export const variables: Record<string, TSchema & { description?: string; default?: unknown }> = Variables.properties;

/** Who may use the API. */
export interface AccessSettings {
  /** Keys that may do everything. */
  apiKeys: string[];
  /** Listens on any address without a key. */
  insecure: boolean;
  /** Names that it answers to without a key, beside those of this machine. */
  allowedHosts: string[];
  /** Origins whose pages may use it. */
  corsOrigins: string[];
}

/** Where the jobs' files are. */
export interface StorageSettings {
  /** `s3://bucket/prefix`; null: the data folder. */
  url: string | null;
  /** Another server than Amazon's. */
  endpoint: string | null;
  /** null: as the AWS SDK finds it. */
  region: string | null;
  /** Whether the bucket stands in the path; null: at an endpoint. */
  pathStyle: boolean | null;
  /** What was fetched to this machine may take so much. */
  cacheBytes: number;
  /** Milliseconds that an attempt waits for a storage that is away. */
  patienceMs: number;
}

/** Which MLflow gets the curves of jobs. */
export interface MlflowSettings {
  url: string;
  /** The header `Authorization`; null: none. */
  authorization: string | null;
  experiment: string;
  /** Whose jobs. */
  tenants: readonly string[];
}

/** How the service runs, as `loadConfig` reads it. */
export interface Config {
  host: string;
  port: number;
  /** Who may use the API. */
  access: AccessSettings;
  /** Of one address. */
  wrongKeysPerMinute: number;
  redisUrl: string | null;
  /** Absolute. */
  dataDir: string;
  storage: StorageSettings;
  engine: 'tensorflow' | 'wasm' | null;
  /** null: every card if a CUDA engine is installed, else the CPU. */
  devices: string[] | null;
  workersPerDevice: number;
  /** A file whose appearance ends the workers; absolute. */
  drainFile: string | null;
  /** Modules, as absolute paths. */
  callbackModules: string[];
  /** Whom trainers run as; null: as the workers. */
  trainerUser: string | null;
  /** How its connections may be. */
  edge: EdgeSettings;
  bodyLimit: number;
  jsonLimit: number;
  datasetLimit: number;
  limits: JobLimits;
  /** Names, addresses and networks that webhooks may lead to beside public ones. */
  webhookAllow: string[];
  /** null: none. */
  mlflow: MlflowSettings | null;
  logLevel: Static<typeof Variables>['ONECYCLE_LOG_LEVEL'];
}

/**
 * Reads the environment. A variable that is empty counts as unset, as container files write it.
 * @throws OnecycleError `invalid_configuration` that names every wrong variable and what would be right.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const values = read(Variables, env);
  redisSettings(env);
  return {
    host: values.HOST,
    port: values.PORT,
    access: accessOf(values),
    wrongKeysPerMinute: values.ONECYCLE_WRONG_KEYS_PER_MINUTE,
    redisUrl: values.REDIS_URL ?? null,
    dataDir: resolve(values.ONECYCLE_DATA_DIR),
    storage: storageOf(values),
    engine: values.ONECYCLE_ENGINE ?? null,
    devices: values.ONECYCLE_DEVICES ? [...new Set(values.ONECYCLE_DEVICES.split(','))] : null,
    workersPerDevice: values.ONECYCLE_WORKERS,
    drainFile: values.ONECYCLE_DRAIN_FILE ? resolve(values.ONECYCLE_DRAIN_FILE) : null,
    callbackModules: paths(values.ONECYCLE_CALLBACKS),
    trainerUser: values.ONECYCLE_TRAINER_USER ?? null,
    edge: edgeOf(values),
    bodyLimit: values.ONECYCLE_BODY_LIMIT,
    jsonLimit: values.ONECYCLE_JSON_LIMIT,
    datasetLimit: values.ONECYCLE_DATASET_LIMIT,
    limits: {
      maxQueued: values.ONECYCLE_MAX_QUEUED,
      idempotencyHours: values.ONECYCLE_IDEMPOTENCY_HOURS,
      maxIterations: values.ONECYCLE_MAX_ITERATIONS ?? null,
      timeoutSeconds: values.ONECYCLE_TIMEOUT_SECONDS ?? null,
      tenant: limitsOf(values.ONECYCLE_TENANT_LIMITS),
      key: limitsOf(values.ONECYCLE_KEY_LIMITS),
    },
    webhookAllow: receiversOf(values.ONECYCLE_WEBHOOK_ALLOW),
    mlflow: mlflowOf(values),
    logLevel: values.ONECYCLE_LOG_LEVEL,
  };
}

/** What `loadEngine` is told. */
export interface EngineSettings {
  name: 'tensorflow' | 'wasm' | undefined;
  eager: boolean;
}

/** What the children of a worker get. */
export interface ChildSettings {
  /** Names of variables that they get beside the usual ones. */
  passed: string[];
  noNetwork: boolean;
  /** Whom trainers run as; null: as the worker. */
  user: string | null;
}

/** What a worker process is told by whoever starts it. */
export interface WorkerSettings {
  /** `cpu` or `cuda:N`. */
  device: string;
  /** A URL, or the embedded Valkey's socket. */
  redis: string | { path: string };
  /** Absolute. */
  dataDir: string;
  storage: StorageSettings;
  /** Days after its end that a job is kept; null: for ever. */
  keepDays: number | null;
  /** Of this machine's workers. */
  labels: Labels;
  /** In (0, 1]: those with more go first. */
  weight: number;
  logLevel: Config['logLevel'];
  /** What trainers and predictors get. */
  children: ChildSettings;
  /**
   * Threads, how many jobs they are shared by at most, and the memory of a card that these may have; null: as much as
   * it has.
   */
  capacity: { threads: number; slots: number; gpu_memory_bytes: number | null };
  /** Another trainer than ours, for tests. */
  trainer: string | null;
}

const EngineVariables = Type.Pick(Variables, ['ONECYCLE_ENGINE', 'ONECYCLE_EAGER']);
const TrainerVariables = Type.Pick(Variables, [
  'ONECYCLE_ENGINE',
  'ONECYCLE_EAGER',
  'ONECYCLE_CALLBACKS',
  'ONECYCLE_TRAINER_JOBS',
]);
const ClientVariables = Type.Pick(Variables, ['ONECYCLE_URL', 'ONECYCLE_API_KEY']);
const GraphVariables = Type.Pick(Variables, ['ONECYCLE_GRAPH_CACHE_MB']);
const InstallVariables = Type.Pick(Variables, ['ONECYCLE_CACHE_DIR', 'CXX']);
/** The variables that trainers, predictors and readers of files read. */
export const childVariables: readonly string[] = [TrainerVariables, GraphVariables, InstallVariables].flatMap(
  ({ properties }) => Object.keys(properties),
);
const storageVariables = [
  'ONECYCLE_STORAGE',
  'ONECYCLE_STORAGE_PATIENCE',
  'ONECYCLE_STORAGE_CACHE_BYTES',
  'ONECYCLE_S3_PATH_STYLE',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_REGION',
] as const;
const WorkerVariables = Type.Pick(Variables, [
  'ONECYCLE_DEVICE',
  'ONECYCLE_REDIS_SOCKET',
  'REDIS_URL',
  'ONECYCLE_DATA_DIR',
  ...storageVariables,
  'ONECYCLE_KEEP_DAYS',
  'ONECYCLE_LABELS',
  'ONECYCLE_WEIGHT',
  'ONECYCLE_WORKERS',
  'ONECYCLE_THREADS',
  'ONECYCLE_SLOTS',
  'ONECYCLE_GPU_MEMORY_BYTES',
  'ONECYCLE_LOG_LEVEL',
  'ONECYCLE_TRAINER',
  'ONECYCLE_TRAINER_ENV',
  'ONECYCLE_TRAINER_NETWORK',
  'ONECYCLE_TRAINER_USER',
]);

/**
 * Which engine a process loads and how it runs. Like all that follow, it looks at its own variables alone.
 * @throws OnecycleError `invalid_configuration` as `loadConfig` does
 */
export const engineSettings = (env: NodeJS.ProcessEnv = process.env): EngineSettings =>
  engineOf(read(EngineVariables, env));

/** How to reach the server at `REDIS_URL`, beside its address. */
export interface RedisSettings {
  /** Contents of files. */
  tls: { ca?: string; cert?: string; key?: string };
  sentinel: { username?: string; password?: string };
}

const RedisVariables = Type.Pick(Variables, [
  'REDIS_TLS_CA',
  'REDIS_TLS_CERT',
  'REDIS_TLS_KEY',
  'REDIS_SENTINEL_USERNAME',
  'REDIS_SENTINEL_PASSWORD',
]);

/** Reads them, as `engineSettings` does. */
export function redisSettings(env: NodeJS.ProcessEnv = process.env): RedisSettings {
  const values = read(RedisVariables, env);
  const pem = (name: 'REDIS_TLS_CA' | 'REDIS_TLS_CERT' | 'REDIS_TLS_KEY'): string | undefined =>
    values[name] === undefined ? undefined : contentOf(name, values[name]);
  const [ca, cert, key] = [pem('REDIS_TLS_CA'), pem('REDIS_TLS_CERT'), pem('REDIS_TLS_KEY')];
  const { REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password } = values;
  return {
    tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    sentinel: { ...(username && { username }), ...(password && { password }) },
  };
}

/** Whether `REDIS_URL` names a cluster. */
export const isClusterUrl = (env: NodeJS.ProcessEnv = process.env): boolean =>
  /^rediss?\+cluster:/.test(env.REDIS_URL ?? '');

/** How traces are sent. */
export interface TracingSettings {
  /** As JSON, not as protobuf. */
  json: boolean;
}

const TracingVariables = Type.Pick(Variables, [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  'OTEL_TRACES_EXPORTER',
  'OTEL_SDK_DISABLED',
]);

/** Reads them, as `engineSettings` does; null: nobody asked for traces. OpenTelemetry's SDK reads itself where they go. */
export function tracingSettings(env: NodeJS.ProcessEnv = process.env): TracingSettings | null {
  const values = read(TracingVariables, env);
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_SDK_DISABLED: disabled } = values;
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (disabled?.toLowerCase() === 'true' || exporter === 'none') return null;
  if (exporter === undefined && endpoint === undefined) return null;
  return { json: protocolOf(values) === 'http/json' };
}

/** Whoever wants no traces may have set it for other programs: it is checked where it is used. */
function protocolOf(values: Static<typeof TracingVariables>): string {
  const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: own, OTEL_EXPORTER_OTLP_PROTOCOL: common } = values;
  const name = own === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
  const protocol = own ?? common ?? 'http/protobuf';
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol;
  const { description = '' } = variables.OTEL_EXPORTER_OTLP_PROTOCOL;
  const detail = `${name}=${protocol} is not valid. ${description}`;
  throw new OnecycleError('invalid_configuration', detail, [{ pointer: `/${name}`, detail }]);
}

/** What a trainer process needs. */
export interface TrainerSettings {
  engine: EngineSettings;
  /** The modules with custom callbacks, as absolute paths. */
  callbackModules: string[];
  /** How many jobs it runs before it is replaced. */
  jobs: number;
}

/** Reads them, as `engineSettings` does. */
export function trainerSettings(env: NodeJS.ProcessEnv = process.env): TrainerSettings {
  const values = read(TrainerVariables, env);
  const { ONECYCLE_CALLBACKS, ONECYCLE_TRAINER_JOBS: jobs } = values;
  return { engine: engineOf(values), callbackModules: paths(ONECYCLE_CALLBACKS), jobs };
}

/** Threads that a process computes with: as many as TensorFlow is told, else one a core. */
export function threadCount(env: NodeJS.ProcessEnv = process.env): number {
  const told = Number(env.TF_NUM_INTRAOP_THREADS);
  return Number.isInteger(told) && told > 0 ? told : availableParallelism();
}

/** A trainer takes a third of a gigabyte before it has a model: jobs beside one another are not to fill the memory. */
const bytesPerSlot = 2 ** 30;

/** A worker is one job's at a time where a device has several. */
function capacityOf(values: Static<typeof WorkerVariables>, env: NodeJS.ProcessEnv): WorkerSettings['capacity'] {
  const threads = values.ONECYCLE_THREADS ?? threadCount(env);
  const fitting = Math.max(1, Math.floor(totalmem() / bytesPerSlot));
  return {
    threads,
    slots: Math.min(values.ONECYCLE_SLOTS ?? (values.ONECYCLE_WORKERS <= 1 ? fitting : 1), threads),
    gpu_memory_bytes: values.ONECYCLE_DEVICE === 'cpu' ? null : (values.ONECYCLE_GPU_MEMORY_BYTES ?? null),
  };
}

/** What a worker process needs. */
export function workerSettings(env: NodeJS.ProcessEnv = process.env): WorkerSettings {
  const values = read(WorkerVariables, env);
  const redis = values.REDIS_URL ?? (values.ONECYCLE_REDIS_SOCKET && { path: values.ONECYCLE_REDIS_SOCKET });
  if (!redis)
    throw new OnecycleError('invalid_configuration', 'Set REDIS_URL, or ONECYCLE_REDIS_SOCKET.', [
      { pointer: '/REDIS_URL', detail: 'A worker process needs REDIS_URL or ONECYCLE_REDIS_SOCKET.' },
    ]);
  return {
    device: values.ONECYCLE_DEVICE,
    redis,
    dataDir: resolve(values.ONECYCLE_DATA_DIR),
    storage: storageOf(values),
    keepDays: values.ONECYCLE_KEEP_DAYS ?? null,
    labels: labelsOf(values.ONECYCLE_LABELS ?? ''),
    weight: values.ONECYCLE_WEIGHT,
    logLevel: values.ONECYCLE_LOG_LEVEL,
    children: {
      passed: values.ONECYCLE_TRAINER_ENV?.split(',') ?? [],
      noNetwork: values.ONECYCLE_TRAINER_NETWORK === 'none',
      user: values.ONECYCLE_TRAINER_USER ?? null,
    },
    capacity: capacityOf(values, env),
    trainer: values.ONECYCLE_TRAINER ?? null,
  };
}

/** Which server the command line speaks to, and with which key. */
export function clientSettings(env: NodeJS.ProcessEnv = process.env): {
  url: string | undefined;
  apiKey: string | undefined;
} {
  const values = read(ClientVariables, env);
  return { url: values.ONECYCLE_URL, apiKey: values.ONECYCLE_API_KEY };
}

/** Folder of what is downloaded and compiled: `ONECYCLE_CACHE_DIR`, else the platform's cache folder. Absolute. */
export const cacheFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(read(InstallVariables, env).ONECYCLE_CACHE_DIR ?? envPaths('onecycle', { suffix: '' }).cache);

/** How many bytes compiled graphs may take in the cache folder: `ONECYCLE_GRAPH_CACHE_MB`. */
export const graphCacheBytes = (env: NodeJS.ProcessEnv = process.env): number =>
  read(GraphVariables, env).ONECYCLE_GRAPH_CACHE_MB * 1e6;

/** The C++ compiler and its arguments: `CXX`, else `c++`. */
export function compilerCommand(env: NodeJS.ProcessEnv = process.env): [command: string, ...args: string[]] {
  const [command = 'c++', ...args] = read(InstallVariables, env).CXX.split(' ').filter(Boolean);
  return [command, ...args];
}

const engineOf = (values: Static<typeof EngineVariables>): EngineSettings => ({
  name: values.ONECYCLE_ENGINE,
  eager: values.ONECYCLE_EAGER === '1',
});

/** What `limitsPattern` lets pass. `none` is for no limits: a variable that is empty counts as unset. */
const limitsOf = (text: string): Record<string, number> =>
  text === 'none'
    ? {}
    : Object.fromEntries(text.split(',').map((each) => [each.split('=')[0], Number(each.split('=')[1])]));

const storageOf = (values: Pick<Static<typeof Variables>, (typeof storageVariables)[number]>): StorageSettings => ({
  url: values.ONECYCLE_STORAGE ?? null,
  endpoint: values.AWS_ENDPOINT_URL_S3 ?? values.AWS_ENDPOINT_URL ?? null,
  region: values.AWS_REGION ?? null,
  pathStyle: values.ONECYCLE_S3_PATH_STYLE ? values.ONECYCLE_S3_PATH_STYLE === '1' : null,
  cacheBytes: values.ONECYCLE_STORAGE_CACHE_BYTES,
  patienceMs: values.ONECYCLE_STORAGE_PATIENCE * 1000,
});

/** As MLflow's own client has it: a token goes before a user, and a user may stand in the address. */
function mlflowOf(values: Static<typeof Variables>): MlflowSettings | null {
  if (values.MLFLOW_TRACKING_URI === undefined) return null;
  const given = URL.canParse(values.MLFLOW_TRACKING_URI) ? new URL(values.MLFLOW_TRACKING_URI) : null;
  const user = values.MLFLOW_TRACKING_USERNAME ?? decodeURIComponent(given?.username ?? '');
  const password = values.MLFLOW_TRACKING_PASSWORD ?? decodeURIComponent(given?.password ?? '');
  const basic = user === '' ? null : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (given) [given.username, given.password] = ['', ''];
  return {
    url: (given?.href ?? values.MLFLOW_TRACKING_URI).replace(/\/+$/, ''),
    authorization: values.MLFLOW_TRACKING_TOKEN === undefined ? basic : `Bearer ${values.MLFLOW_TRACKING_TOKEN}`,
    experiment: values.MLFLOW_EXPERIMENT_NAME,
    tenants: [...new Set(values.ONECYCLE_MLFLOW_TENANTS.split(','))],
  };
}

function accessOf(values: Static<typeof Variables>): AccessSettings {
  const list = (text = ''): string[] => text.split(',').filter(Boolean);
  return {
    apiKeys: [...list(values.ONECYCLE_API_KEYS), ...keysOf(values.ONECYCLE_API_KEYS_FILE)],
    insecure: values.ONECYCLE_INSECURE === '1',
    allowedHosts: list(values.ONECYCLE_ALLOWED_HOSTS),
    corsOrigins: list(values.ONECYCLE_CORS_ORIGINS),
  };
}

/** @throws OnecycleError `invalid_configuration` where one file of a certificate is named without the other */
function edgeOf(values: Static<typeof Variables>): EdgeSettings {
  const { ONECYCLE_TLS_CERT: cert, ONECYCLE_TLS_KEY: key } = values;
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'ONECYCLE_TLS_CERT' : 'ONECYCLE_TLS_KEY';
    const detail = `TLS needs a certificate and its key: set ${missing} as well.`;
    throw new OnecycleError('invalid_configuration', detail, [{ pointer: `/${missing}`, detail }]);
  }
  return {
    maxConnections: values.ONECYCLE_MAX_CONNECTIONS,
    maxConnectionsPerAddress: values.ONECYCLE_MAX_CONNECTIONS_PER_ADDRESS,
    tls: cert !== undefined && key !== undefined ? { cert: resolve(cert), key: resolve(key) } : null,
    trustProxy: values.ONECYCLE_TRUST_PROXY?.split(',') ?? [],
  };
}

/** @throws OnecycleError `invalid_configuration` where one is neither a name, nor an address, nor a network */
function receiversOf(text = ''): string[] {
  const all = text.split(',').filter(Boolean);
  const wrong = all.filter((each) => !isHostOrNetwork(each));
  if (wrong.length === 0) return all;
  const name = 'ONECYCLE_WEBHOOK_ALLOW';
  const detail =
    `${name}=${text} is not valid: ${wrong.join(', ')} is neither the name of a host (\`hooks.local\`, without a port), nor an ` +
    'address (`10.0.0.5`), nor a network (`10.0.0.0/8`, of 32 bits at most, or of 128 for IPv6).';
  throw new OnecycleError('invalid_configuration', detail, [{ pointer: `/${name}`, detail }]);
}

/** The keys in a file. @throws OnecycleError `invalid_configuration` */
function keysOf(file: string | undefined): string[] {
  if (file === undefined) return [];
  const wrong = (detail: string) =>
    new OnecycleError('invalid_configuration', detail, [{ pointer: '/ONECYCLE_API_KEYS_FILE', detail }]);
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split(/\s+/).filter(Boolean);
  } catch (error) {
    throw wrong(
      `ONECYCLE_API_KEYS_FILE=${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  // The keys themselves are in no message.
  if (lines.length === 0 || !lines.every((line) => new RegExp(`^${keyPattern}$`).test(line)))
    throw wrong(
      `ONECYCLE_API_KEYS_FILE=${file} must have keys, a line each: \`oc_\` and at least 40 letters and digits.`,
    );
  return lines;
}

/** A file that a variable names. @throws OnecycleError `invalid_configuration` */
function contentOf(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const detail = `${variable}=${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new OnecycleError('invalid_configuration', detail, [{ pointer: `/${variable}`, detail }]);
  }
}

/** Paths that are separated by commas, as absolute ones. */
const paths = (variable = ''): string[] =>
  variable.split(',').flatMap((path) => (path.trim() === '' ? [] : [resolve(path.trim())]));

/** The values of the variables that a schema has, defaults filled in. */
function read<S extends TObject>(schema: S, env: NodeJS.ProcessEnv): Static<S> {
  const given = Object.keys(schema.properties).flatMap((name) =>
    env[name] ? [[name, parse(env[name], variables[name])] as const] : [],
  );
  const values = Value.Default(schema, Object.fromEntries(given));
  if (!Value.Check(schema, values)) throw invalid(schema, values);
  return values;
}

const numbers: Partial<Record<string, RegExp>> = { integer: /^-?\d+$/, number: /^-?\d+(\.\d+)?$/ };
/** The environment has only text. What is not such a number as is wanted stays text, and the check refuses it. */
const parse = (text: string, schema: TSchema): string | number =>
  'type' in schema && numbers[String(schema.type)]?.test(text) ? Number(text) : text;

/** A value as a message may have it: without passwords and keys. */
const shown = (name: string, value: string): string =>
  name === 'ONECYCLE_API_KEYS' || /(PASSWORD|TOKEN)$/.test(name) ? '…' : value.replace(/:[^:@/]*@/, ':…@');

function invalid(schema: TObject, values: unknown): OnecycleError {
  const names = [...new Set(Value.Errors(schema, values).map((error) => error.instancePath.slice(1)))];
  const problems = names.map((name) => ({
    pointer: `/${name}`,
    detail: `${name}=${shown(name, String((values as Record<string, unknown>)[name]))} is not valid. ${variables[name].description ?? ''}`,
  }));
  return new OnecycleError('invalid_configuration', problems.map(({ detail }) => detail).join('\n'), problems);
}
