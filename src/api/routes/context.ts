import type {
  FastifyInstance,
  FastifyBaseLogger,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { AccessSettings } from '../../config.js';
import type { Jobs } from '../../jobs/index.js';
import type { OwnCallbacks } from '../../request/own-callbacks.js';
import type { Storage } from '../../storage/index.js';
import type { Meters } from '../metrics/meters.js';
import type { Pace } from '../plugins/pace.js';
import type { Patience } from '../pump.js';
import type { DispatcherSettings } from '../webhooks/dispatcher.js';
import type { PusherSettings } from '../mlflow/pusher.js';

/** What the routes work with. */
export interface Context {
  jobs: Jobs;
  storage: Storage;
  /** What this process measures of itself. */
  meters: Meters;
  config: {
    /** Largest body of a request that is not a file on its way to disk. */
    maxBodyBytes: number;
    /** Largest JSON among them. */
    maxJsonBytes: number;
    /** How slowly bodies may come. */
    pace: Pace;
    /** Whether the API itself speaks https. */
    tls: boolean;
    /** Largest file that can be uploaded, a data set or a model. */
    maxUploadBytes: number;
    /** Who may use the API. */
    access: AccessSettings;
    /** Wrong keys and tickets of one address that are told so; further ones must wait. */
    wrongKeysPerMinute: number;
    /** Callbacks that jobs may name beside the built-in ones. */
    callbacks: OwnCallbacks;
    /**
     * Whether a job can be taken only once a worker lives: not so where workers are started elsewhere, later or never.
     */
    expectWorkers: boolean;
    /** How long a stream waits for its client; `maxUnreadBytes`: of WebSockets, whose clients say what they have read. */
    patience: Patience & { maxUnreadBytes: number };
    /** Milliseconds between two signs of life on a stream that has nothing to say. */
    heartbeatMs: number;
    /** Where webhooks may lead, and how often they are tried. */
    webhooks: DispatcherSettings;
    /** Which MLflow gets the curves of jobs; null: none. */
    mlflow: PusherSettings | null;
  };
}

/** Fastify whose requests and answers have the types of their TypeBox schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
