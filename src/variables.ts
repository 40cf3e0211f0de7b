/** The environment variables of onecycle, as a table: config.ts reads them. */
import { Type, type TObject } from 'typebox';
import { labelsPattern } from './schema/labels.js';
import { KeyLimits, TenantLimits } from './schema/limits.js';
import { defaultTenant, tenantPattern } from './schema/tenant.js';

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
export const keyPattern = `(${tenantPattern}:)?oc_[0-9A-Za-z]{40,}`;

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

/** What the API's connections may be, unless the environment says otherwise. */
export const defaultEdge: EdgeSettings = {
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1000,
  tls: null,
  trustProxy: [],
};

/** An address, a network, or the name of some. */
const proxyPattern = '(loopback|linklocal|uniquelocal|[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*(/[0-9]{1,3})?)';

/** The variables: names, types, defaults, descriptions. docs/configuration.md has a table of it. */
export const Variables = Type.Object({
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
      'Worker processes per device; 0 starts none, and jobs wait for workers on other machines. With several, each runs ' +
      'one job at a time unless `ONECYCLE_SLOTS` says otherwise.',
  }),
  ONECYCLE_THREADS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description:
        'Threads that the jobs of a worker share: a small model has one, a larger one all, unless its job has `threads`. ' +
        'Unset, `TF_NUM_INTRAOP_THREADS`, else one per core.',
    }),
  ),
  ONECYCLE_SLOTS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description:
        'Jobs that a worker runs at once at most, each in a process of its own; 1: one after another. Unset, as many as it ' +
        'has threads, and one per GiB of memory; one with several workers per device.',
    }),
  ),
  ONECYCLE_GPU_MEMORY_BYTES: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'Bytes of a GPU’s memory that the jobs of its worker share, those with `gpu_memory_bytes` at once. Unset, all that ' +
        '`nvidia-smi` tells; if it tells nothing, one job at a time. With several workers per device, the part of each.',
    }),
  ),
  ONECYCLE_LABELS: Type.Optional(
    Type.String({
      pattern: labelsPattern,
      description:
        'Labels of this machine’s workers, `gpu=h100,zone=a`; a job with `requires` runs on a worker that has all of its labels.',
    }),
  ),
  ONECYCLE_WEIGHT: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1,
    description:
      'How much this machine’s workers are preferred: one with less takes a job only while none with more, which could run ' +
      'it, is idle.',
  }),
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
  ONECYCLE_WRONG_KEYS_PER_MINUTE: Type.Integer({
    default: 20,
    minimum: 1,
    description:
      'Wrong keys and tickets of one address, at all API processes together, that are answered with 401; further wrong ' +
      'ones with 429. Of IPv6 a network of 64 bits is one address. Right keys are taken at any time.',
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
    default: 1000,
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
  ONECYCLE_TRAINER_USER: Type.Optional(
    Type.String({
      pattern: '^([A-Za-z_][A-Za-z0-9_.-]*|[0-9]+(:[0-9]+)?)$',
      description:
        'The user that trainers run as, by name or as `UID` or `UID:GID`, where the service is root on Linux: they ' +
        'read the files of their job alone. The user must be able to read the program and the engine (`ONECYCLE_CACHE_DIR`).',
    }),
  ),
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
  MLFLOW_TRACKING_URI: Type.Optional(
    Type.String({
      description:
        'MLflow server that gets the curves of jobs, `https://mlflow.example.com`; unset, none does. An address that is ' +
        'not of http, as MLflow’s own client may have, is left alone, with a warning.',
    }),
  ),
  MLFLOW_TRACKING_TOKEN: Type.Optional(Type.String({ description: 'Bearer token for that server.' })),
  MLFLOW_TRACKING_USERNAME: Type.Optional(Type.String({ description: 'User name there, for basic authentication.' })),
  MLFLOW_TRACKING_PASSWORD: Type.Optional(Type.String({ description: 'Password of that user.' })),
  MLFLOW_EXPERIMENT_NAME: Type.String({
    default: 'onecycle',
    description: 'Experiment there that has a run for each job; it is made if there is none of that name.',
  }),
  ONECYCLE_MLFLOW_TENANTS: Type.String({
    default: defaultTenant,
    pattern: `^${tenantPattern}(,${tenantPattern})*$`,
    description:
      'Tenants, separated by commas, whose jobs MLflow gets: `default,acme`. Others’ jobs are not shown to whoever ' +
      'reads that MLflow.',
  }),
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
