/** What the API takes and gives, by the names that a program uses for it; generated from openapi.yaml. */
import type { components, paths } from './schema.js';

type Schemas = components['schemas'];
type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? Operation : never;
type QueryOf<Path extends keyof paths> =
  Get<Path> extends { parameters: { query?: infer Query } } ? NonNullable<Query> : never;

/** What `jobs.create` takes: `policy`, `dataset` and `model`; everything else has a default. */
export type JobRequest = Schemas['JobRequest'];
/** A job and what has become of it. */
export type JobRecord = Schemas['Job'];
/** A page of jobs. */
export type JobList = Schemas['JobList'];
/** What `jobs.list` can be asked for. */
export type JobQuery = QueryOf<'/jobs'>;
/** What `jobs.update` changes. */
export type JobUpdate = Schemas['JobUpdate'];
/** Where a job is. */
export type JobStatus = Schemas['JobStatus'];
/** A recipe of fastai's with its arguments. */
export type Policy = Schemas['Policy'];
/** A finder's curve and its suggestions. */
export type LrFindResult = Schemas['LrFindResult'];
/** Curves: one value per iteration, and one row per epoch. */
export type Metrics = Schemas['Metrics'];
/** Which part of the curves, and how many points of it. */
export type MetricsQuery = Omit<QueryOf<'/jobs/{id}/metrics'>, 'format'>;
/** A file that curves can be had as. */
export type MetricsFormat = Exclude<NonNullable<QueryOf<'/jobs/{id}/metrics'>['format']>, 'json'>;
/** A kept position of a run. */
export type Checkpoint = Schemas['Checkpoint'];
/** A format that a trained model can be had in. */
export type ModelFormat = NonNullable<QueryOf<'/jobs/{id}/model'>['format']>;
/** Rows to predict: `{rows}` of a table, `{x}` of numbers. */
export type PredictRequest = Schemas['PredictRequest'];
/** What a model says of rows. */
export type Predictions = Schemas['Predictions'];
/** Which data to evaluate on. */
export type EvaluateRequest = Schemas['EvaluateRequest'];
/** How good a model is on them. */
export type Evaluation = Schemas['Evaluation'];
/** A data set that was uploaded, and what was found in it. */
export type Dataset = Schemas['UploadedData'];
/** A page of data sets. */
export type DatasetList = Schemas['UploadedDataList'];
/** A model that was posted. */
export type PostedModel = Schemas['PostedModel'];
/** All models that were posted. */
export type PostedModelList = Schemas['PostedModelList'];
/** A policy whose schedules are asked for. */
export type PreviewRequest = Schemas['PreviewRequest'];
/** What it would record. */
export type Preview = Schemas['Preview'];
/** A process that takes jobs for one device. */
export type Worker = Schemas['WorkerInfo'];
/** The jobs that wait. */
export type Queue = Schemas['Queue'];
/** Who may use the service. */
export type ApiKey = Schemas['ApiKey'];
/** What a new key may do. */
export type NewKey = Schemas['NewKey'];
/** A key with its secret. */
export type MadeKey = Schemas['MadeKey'];
/** Whose jobs, data sets and models are kept apart, what it may take, and takes. */
export type Tenant = Schemas['Tenant'];
/** What a tenant may take. */
export type TenantLimits = Schemas['TenantLimits'];
/** Who is told of jobs; of one alone where that named it. */
export type Webhook = Schemas['Webhook'];
/** What a webhook is made of; a job's `webhooks` are a list of these. */
export type NewWebhook = Schemas['NewWebhook'];
/** A webhook with its secret. */
export type MadeWebhook = Schemas['MadeWebhook'];
/** A webhook as the record of its job has it. */
export type JobWebhook = Schemas['JobWebhook'];
/** One event on its way to a webhook. */
export type Delivery = Schemas['Delivery'];
/** Which deliveries of a webhook. */
export type DeliveryQuery = QueryOf<'/webhooks/{id}/deliveries'>;
/** An error as the API says it (RFC 9457). */
export type Problem = Schemas['Problem'];

/** A message of one job's stream, as it comes over the wire. */
export type Message = Schemas['Frame'];
/** A message of a stream of several jobs, as it comes over the wire. */
export type JobMessage = Schemas['JobMessage'];
/** A frame of a job's log: batches, an epoch, a status, or a rewind. */
export type Frame = Exclude<Message, { type: 'gap' }>;
/** A frame of one of several jobs: it says whose it is. */
export type JobFrame = Exclude<JobMessage, { type: 'gap' }>;

/** Whether nothing follows any more. */
export const isTerminal = (status: JobStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';
