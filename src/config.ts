/**
 * The configuration: every environment variable of onecycle is read and checked here. The table in
 * docs/configuration.md is made of it.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import envPaths from 'env-paths';
import { Type, type Static, type TObject, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { OnecycleError } from './errors.js';
import { labelsOf, labelsPattern, type Labels } from './schema/labels.js';
import { KeyLimits, TenantLimits } from './schema/limits.js';
import { tenantPattern } from './schema/tenant.js';

/** What jobs and their posters may ask of the service. */
export interface JobLimits {
  /** How many jobs may wait. */
  maxQueued: number;
  /** How long an Idempotency-Key stands for the job that it was used for. */
  idempotencyHours: number;
  /** How many iterations a job may have; null: any number. */
  maxIterations: number | null;
  /** The `timeout_seconds` of jobs that are posted without; null: none. */
  timeoutSeconds: number | null;
  /** What a tenant may take, and each key. */
  tenant: TenantLimits;
  key: KeyLimits;
}

/** What they may ask unless the environment says otherwise. */
export const defaultLimits: JobLimits = {
  maxQueued: 100_000,
  idempotencyHours: 24,
  maxIterations: null,
  timeoutSeconds: null,
  tenant: { requests_per_minute: 60_000, queued: 50_000, streams: 5000 },
  key: { requests_per_minute: 12_000, queued: 20_000, streams: 1000 },
};

/** A key, perhaps behind its tenant: `oc_`, and enough letters and digits that nobody guesses them. */
const keyPattern = `(${tenantPattern}:)?oc_[0-9A-Za-z]{40,}`;

const namesOf = ({ properties }: TObject): string =>
  Object.keys(properties)
    .map((name) => `\`${name}\``)
    .join(', ');
const textOf = (limits: object): string =>
  Object.entries(limits)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
function limitsPattern({ properties }: TObject): string {
  const one = `(${Object.keys(properties).join('|')})=[1-9][0-9]{0,14}`;
  return `^(none|${one}(,${one})*)$`;
}
/** What the API's connections may be, unless the environment says otherwise. */
export const defaultEdge: EdgeSettings = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1000,
  tls: null,
  trustProxy: [],
};

/** An address, a network, or the name of some. */
const proxyPattern = '(loopback|linklocal|uniquelocal|[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(/[0-9]{1,3})?)';

const Variables = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    description: 'Address that the API listens on. Any but this machine’s own needs a key (`ONECYCLE_API_KEYS`).',
  }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'Port that the API listens on; 0 picks a free one, which is logged.',
  }),
  ONECYCLE_API_KEYS: Type.Optional(
    Type.String({
      pattern: `^${keyPattern}(,${keyPattern})*$`,
      description:
        'Keys that may do everything, separated by commas: `oc_` and at least 40 letters and digits; `acme:oc_…` is a ' +
        'key of the tenant `acme`. With a key, from here or made by `onecycle keys create`, every request needs one.',
    }),
  ),
  ONECYCLE_API_KEYS_FILE: Type.Optional(
    Type.String({ description: 'File with such keys, a line each, as containers get secrets.' }),
  ),
  ONECYCLE_INSECURE: Type.Optional(
    Type.Literal('1', {
      description: '`1` lets the API listen on other addresses than this machine’s own without any key.',
    }),
  ),
  ONECYCLE_ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.:[\\]-]+(,[A-Za-z0-9.:[\\]-]+)*$',
      description:
        'Names, separated by commas, that the API answers to without a key beside `localhost`, `127.0.0.1` and `[::1]`.',
    }),
  ),
  ONECYCLE_CORS_ORIGINS: Type.Optional(
    Type.String({
      pattern: '^https?://[^,/]+(,https?://[^,/]+)*$',
      description: 'Origins, separated by commas, whose pages may use the API: `https://app.example.com`.',
    }),
  ),
  REDIS_URL: Type.Optional(
    Type.String({
      pattern:
        '^(rediss?://|rediss?[+]sentinel://([^@/]*@)?[^@/]+/[^/]+(/[0-9]+)?$|rediss?[+]cluster://([^@/]*@)?[^@/]+/?$)',
      description:
        'Your own Redis (6.2 or newer) or Valkey: `redis://user:password@host:6379/0`, `rediss://…` by TLS, ' +
        '`redis+sentinel://host:26379,host:26379/name` or `redis+cluster://host:6379,host:6379`; ' +
        'with `maxmemory-policy` at `noeviction`; unset, `onecycle up` starts an embedded Valkey in the data folder.',
    }),
  ),
  REDIS_TLS_CA: Type.Optional(
    Type.String({
      description: 'File with the certificate, PEM, that signed that of the server at a `rediss` address.',
    }),
  ),
  REDIS_TLS_CERT: Type.Optional(Type.String({ description: 'File with a certificate, PEM, to show to that server.' })),
  REDIS_TLS_KEY: Type.Optional(Type.String({ description: 'File with its key, PEM.' })),
  REDIS_SENTINEL_USERNAME: Type.Optional(
    Type.String({ description: 'User name at the Sentinels, where they want one.' }),
  ),
  REDIS_SENTINEL_PASSWORD: Type.Optional(
    Type.String({ description: 'Password at the Sentinels, where they want one.' }),
  ),
  ONECYCLE_DATA_DIR: Type.String({
    default: './data',
    description:
      'Folder for all data: the embedded Valkey and the jobs’ files. API and workers need the same one, unless ' +
      '`ONECYCLE_STORAGE` has the files: then it holds what this machine works on.',
  }),
  ONECYCLE_STORAGE: Type.Optional(
    Type.String({
      pattern: "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9!_.*'()-]*)*/?$",
      description:
        'Bucket for the jobs’ files, `s3://bucket` or `s3://bucket/prefix`; unset, they are in the data folder. ' +
        'The AWS SDK finds the credentials.',
    }),
  ),
  ONECYCLE_STORAGE_PATIENCE: Type.Integer({
    default: 300,
    minimum: 0,
    maximum: 86_400,
    description:
      'Seconds that a running job waits for a storage that cannot be reached, before its attempt fails with ' +
      '`storage_unavailable`.',
  }),
  ONECYCLE_STORAGE_CACHE_BYTES: Type.Integer({
    default: 20 * 1024 ** 3,
    minimum: 0,
    description:
      'Bytes that what was fetched from the bucket may take in the data folder; the least recently used goes first, ' +
      'never what a job uses.',
  }),
  ONECYCLE_S3_PATH_STYLE: Type.Optional(
    Type.Enum(['0', '1'], {
      description:
        'Whether the bucket stands in the path (`1`) or in the host’s name (`0`); unset, in the path with ' +
        '`AWS_ENDPOINT_URL`, else in the host’s name.',
    }),
  ),
  AWS_ENDPOINT_URL: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'Server that speaks S3, `https://s3.example.com`; unset, Amazon’s. `AWS_ENDPOINT_URL_S3` goes before it.',
    }),
  ),
  AWS_ENDPOINT_URL_S3: Type.Optional(Type.String({ pattern: '^https?://', description: 'The same, for S3 alone.' })),
  AWS_REGION: Type.Optional(
    Type.String({
      description: 'Region of the bucket; unset, as the AWS SDK finds it, or `us-east-1` at a server of your own.',
    }),
  ),
  ONECYCLE_CACHE_DIR: Type.Optional(
    Type.String({ description: 'Folder for the installed engine and Valkey; unset, the platform’s cache folder.' }),
  ),
  ONECYCLE_GRAPH_CACHE_MB: Type.Integer({
    default: 256,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'Megabytes of the cache folder for compiled graphs of models that have been trained, so that the next job like ' +
      'theirs starts sooner; those used longest ago are removed. 0 keeps none.',
  }),
  ONECYCLE_ENGINE: Type.Optional(
    Type.Enum(['tensorflow', 'wasm'], {
      description:
        'Engine to train on, `tensorflow` or `wasm`; unset, TensorFlow if it is installed, else WebAssembly. ' +
        'With `tensorflow`, the start fails if it is not installed.',
    }),
  ),
  ONECYCLE_EAGER: Type.Optional(
    Type.Literal('1', {
      description: '`1` runs the native engine’s steps one kernel at a time instead of compiled: slow, for debugging.',
    }),
  ),
  ONECYCLE_DEVICES: Type.Optional(
    Type.String({
      pattern: '^(cpu|cuda:[0-9]+)(,(cpu|cuda:[0-9]+))*$',
      description:
        'Devices of this machine to train on, `cpu` or `cuda:0,cuda:1`; ' +
        'unset, every GPU if a CUDA engine is installed, else the CPU.',
    }),
  ),
  ONECYCLE_WORKERS: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 64,
    description:
      'Worker processes per device, each running one job at a time; 0 starts none, and jobs wait for workers on other machines.',
  }),
  ONECYCLE_LABELS: Type.Optional(
    Type.String({
      pattern: labelsPattern,
      description:
        'Labels of this machine’s workers, `gpu=h100,zone=a`; a job with `requires` runs on a worker that has all of its labels.',
    }),
  ),
  ONECYCLE_DRAIN_FILE: Type.Optional(
    Type.String({
      description:
        'A file whose appearance ends this machine’s workers as SIGTERM does: for notices that a spot machine is about to be taken away.',
    }),
  ),
  ONECYCLE_CALLBACKS: Type.Optional(
    Type.String({
      description: 'Modules with custom callbacks, as paths separated by commas; API and workers need the same ones.',
    }),
  ),
  ONECYCLE_BODY_LIMIT: Type.Integer({
    default: 64 * 1024 * 1024,
    minimum: 1024,
    description: 'Largest request body, in bytes; larger ones are answered with 413.',
  }),
  ONECYCLE_JSON_LIMIT: Type.Integer({
    default: 16 * 1024 * 1024,
    minimum: 1024,
    description:
      'Largest JSON body, in bytes: it is read in one go, and all other requests wait meanwhile. Larger data go to ' +
      '`POST /datasets`.',
  }),
  ONECYCLE_MAX_CONNECTIONS: Type.Integer({
    default: defaultEdge.maxConnections,
    minimum: 1,
    description: 'Connections that the API has open at once; further ones are closed.',
  }),
  ONECYCLE_MAX_CONNECTIONS_PER_ADDRESS: Type.Integer({
    default: defaultEdge.maxConnectionsPerAddress,
    minimum: 1,
    description:
      'The same of one address. This machine’s own have no such limit, nor has anybody with `ONECYCLE_TRUST_PROXY`, ' +
      'where the proxy should have one.',
  }),
  ONECYCLE_TLS_CERT: Type.Optional(
    Type.String({
      description:
        'File with the API’s certificate and its chain (PEM): it then speaks https. Read again when it changes.',
    }),
  ),
  ONECYCLE_TLS_KEY: Type.Optional(Type.String({ description: 'File with the private key of `ONECYCLE_TLS_CERT`.' })),
  ONECYCLE_TRUST_PROXY: Type.Optional(
    Type.String({
      pattern: `^${proxyPattern}(,${proxyPattern})*$`,
      description:
        'Proxies whose `X-Forwarded-For`, `-Host` and `-Proto` are believed: addresses or networks separated by commas ' +
        '(`10.0.0.5,10.1.0.0/16`), `loopback`, `linklocal` or `uniquelocal`. Unset, nobody’s are.',
    }),
  ),
  ONECYCLE_DATASET_LIMIT: Type.Integer({
    default: 4 * 1024 ** 3,
    minimum: 1024,
    description:
      'Largest file that can be uploaded as a data set or a model, in bytes; larger ones are answered with 413.',
  }),
  ONECYCLE_MAX_QUEUED: Type.Integer({
    default: defaultLimits.maxQueued,
    minimum: 1,
    description: 'How many jobs may wait; further jobs are answered with 503.',
  }),
  ONECYCLE_TENANT_LIMITS: Type.String({
    default: textOf(defaultLimits.tenant),
    pattern: limitsPattern(TenantLimits),
    description:
      'What each tenant may take with all its keys, unless `PUT /tenants/:name` says otherwise: ' +
      `${namesOf(TenantLimits)}, as \`name=number\` with commas between. What is not named is not limited, nor is anything without keys.`,
  }),
  ONECYCLE_KEY_LIMITS: Type.String({
    default: textOf(defaultLimits.key),
    pattern: limitsPattern(KeyLimits),
    description: `What each key may take: ${namesOf(KeyLimits)}, in the same form.`,
  }),
  ONECYCLE_MAX_ITERATIONS: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'How many iterations a job may have; longer jobs are answered with 422. Unset, any number.',
    }),
  ),
  ONECYCLE_TIMEOUT_SECONDS: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: '`timeout_seconds` of jobs that are posted without. Unset, they have no limit.',
    }),
  ),
  ONECYCLE_IDEMPOTENCY_HOURS: Type.Integer({
    default: defaultLimits.idempotencyHours,
    minimum: 1,
    maximum: 24 * 366,
    description: 'Hours for which an Idempotency-Key is remembered.',
  }),
  ONECYCLE_KEEP_DAYS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 36_500,
      description:
        'Days to keep a job after its end; then workers delete it, as `DELETE /jobs/:id` does. Unset, jobs are kept for ever.',
    }),
  ),
  ONECYCLE_LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Lowest level that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  }),
  ONECYCLE_TRAINER_JOBS: Type.Integer({
    default: 100,
    minimum: 1,
    description:
      'Number of jobs that a trainer process runs, one after another, before it is replaced; ' +
      'with `1` every job has its own process.',
  }),
  ONECYCLE_TRAINER_NETWORK: Type.Enum(['host', 'none'], {
    default: 'host',
    description:
      '`none` starts trainers and predictors in a network namespace of their own, in which nothing is (Linux; not in ' +
      'most containers). Only custom callbacks have a use for a network.',
  }),
  ONECYCLE_TRAINER_ENV: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z_][A-Za-z0-9_]*(,[A-Za-z_][A-Za-z0-9_]*)*$',
      description:
        'Variables, separated by commas, that trainers and predictors get beside those that tune the engine, for ' +
        'custom callbacks: `WANDB_API_KEY`.',
    }),
  ),
  ONECYCLE_WEBHOOK_ALLOW: Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9.:/_-]+(,[A-Za-z0-9.:/_-]+)*$',
      description:
        'Private addresses, separated by commas, that webhooks may lead to: names, addresses or networks, ' +
        '`hooks.local,10.0.0.0/8`.',
    }),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'Collector that gets traces, `http://collector:4318`; unset, none are made. ' +
        '`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` goes before it, and has the whole path.',
    }),
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description: 'The same, for traces alone: `http://collector:4318/v1/traces`.',
    }),
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Optional(
    Type.String({
      description:
        '`http/protobuf` (as when unset) or `http/json`. OTLP by gRPC is not spoken: name the collector’s port for HTTP.',
    }),
  ),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Type.Optional(
    Type.String({ description: 'The same, for traces alone; goes before it.' }),
  ),
  OTEL_TRACES_EXPORTER: Type.Optional(
    Type.Enum(['otlp', 'none'], {
      description: '`otlp` makes traces without an endpoint too, for `http://localhost:4318`; `none` makes none.',
    }),
  ),
  OTEL_SDK_DISABLED: Type.Optional(Type.String({ description: '`true` makes no traces whatever else is set.' })),
  ONECYCLE_URL: Type.Optional(
    Type.String({ description: 'Server that the CLI and the client use; unset, `http://127.0.0.1:3000`.' }),
  ),
  ONECYCLE_API_KEY: Type.Optional(Type.String({ description: 'Key that the CLI and the client send.' })),
  CXX: Type.String({
    default: 'c++',
    description: 'C++ compiler that builds the engine’s addon; may contain arguments, as in `ccache g++`.',
  }),
  ONECYCLE_DEVICE: Type.String({
    pattern: '^(cpu|cuda:[0-9]+)$',
    default: 'cpu',
    description: 'Set for worker processes: the device that the worker owns, `cpu` or `cuda:0`.',
  }),
  ONECYCLE_REDIS_SOCKET: Type.Optional(
    Type.String({ description: 'Set for worker processes: the socket of the embedded Valkey.' }),
  ),
  ONECYCLE_TRAINER: Type.Optional(Type.String({ description: 'The trainer script that a worker starts, for tests.' })),
});

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

/** A certificate's files. */
export interface TlsFiles {
  cert: string;
  key: string;
}

/** What the API's connections may be. */
export interface EdgeSettings {
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** null: it speaks http. */
  tls: TlsFiles | null;
  /** Whose `X-Forwarded-*` is believed. */
  trustProxy: string[];
}

/** How the service runs, as `loadConfig` reads it. */
export interface Config {
  host: string;
  port: number;
  /** Who may use the API. */
  access: AccessSettings;
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
  /** How its connections may be. */
  edge: EdgeSettings;
  bodyLimit: number;
  jsonLimit: number;
  datasetLimit: number;
  limits: JobLimits;
  /** Names, addresses and networks that webhooks may lead to beside public ones. */
  webhookAllow: string[];
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
    redisUrl: values.REDIS_URL ?? null,
    dataDir: resolve(values.ONECYCLE_DATA_DIR),
    storage: storageOf(values),
    engine: values.ONECYCLE_ENGINE ?? null,
    devices: values.ONECYCLE_DEVICES ? [...new Set(values.ONECYCLE_DEVICES.split(','))] : null,
    workersPerDevice: values.ONECYCLE_WORKERS,
    drainFile: values.ONECYCLE_DRAIN_FILE ? resolve(values.ONECYCLE_DRAIN_FILE) : null,
    callbackModules: paths(values.ONECYCLE_CALLBACKS),
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
    webhookAllow: (values.ONECYCLE_WEBHOOK_ALLOW ?? '').split(',').filter(Boolean),
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
  logLevel: Config['logLevel'];
  /** What trainers and predictors get. */
  children: ChildSettings;
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
  'ONECYCLE_LOG_LEVEL',
  'ONECYCLE_TRAINER',
  'ONECYCLE_TRAINER_ENV',
  'ONECYCLE_TRAINER_NETWORK',
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
    logLevel: values.ONECYCLE_LOG_LEVEL,
    children: {
      passed: values.ONECYCLE_TRAINER_ENV?.split(',') ?? [],
      noNetwork: values.ONECYCLE_TRAINER_NETWORK === 'none',
    },
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

/** The environment has only text. What is not a whole number stays text, and the check refuses it. */
const parse = (text: string, schema: TSchema): string | number =>
  'type' in schema && schema.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text;

/** A value as a message may have it: without passwords and keys. */
const shown = (name: string, value: string): string =>
  name === 'ONECYCLE_API_KEYS' || name.endsWith('PASSWORD') ? '…' : value.replace(/:[^:@/]*@/, ':…@');

function invalid(schema: TObject, values: unknown): OnecycleError {
  const names = [...new Set(Value.Errors(schema, values).map((error) => error.instancePath.slice(1)))];
  const problems = names.map((name) => ({
    pointer: `/${name}`,
    detail: `${name}=${shown(name, String((values as Record<string, unknown>)[name]))} is not valid. ${variables[name].description ?? ''}`,
  }));
  return new OnecycleError('invalid_configuration', problems.map(({ detail }) => detail).join('\n'), problems);
}
