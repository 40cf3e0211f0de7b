/** What webhooks are made of: those of a tenant, and those of one job. */
import { Type, type Static } from 'typebox';
import { defaulted, oneOf, optional, strict } from './fields.js';

/** What a webhook can be told of. */
export const webhookEvents = [
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.paused',
  'job.checkpoint',
  'job.epoch',
] as const;

/** One of these. */
export const WebhookEvent = oneOf(webhookEvents, { title: 'WebhookEvent', description: 'What happened to a job' });

/** The most webhooks that one job has. */
export const maxJobWebhooks = 10;

/** What a webhook is made of. */
export const NewWebhook = strict(
  {
    url: Type.String({
      maxLength: 2000,
      pattern: '^https?://[^\\s/]',
      description: 'Where to post: `https://…` or `http://…`, on no private address',
      examples: ['https://hooks.example.com/onecycle'],
    }),
    events: defaulted(Type.Array(WebhookEvent, { minItems: 1, uniqueItems: true, description: 'What to be told of' }), [
      'job.completed',
      'job.failed',
      'job.cancelled',
      'job.paused',
    ]),
    secret: optional(
      Type.String({
        // As Standard Webhooks has it: 24 to 64 bytes.
        pattern: '^whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
        description:
          'What to sign with: `whsec_` and 24 to 64 random bytes in base64, such as your receiver has already. Left out: ' +
          'a secret is generated, and told in the response, this once',
      }),
    ),
  },
  { title: 'NewWebhook' },
);
/** As the schema says. */
export type NewWebhook = Static<typeof NewWebhook>;

/** Those that a job may name. */
export const NewJobWebhooks = Type.Array(NewWebhook, {
  maxItems: maxJobWebhooks,
  description:
    'URLs that are told of the events of this job alone, and not of those of its finder, as `POST /webhooks` tells of those of all jobs. ' +
    'They are deleted with the job, and a retry of it has them too',
  examples: [[{ url: 'https://hooks.example.com/onecycle', events: ['job.completed', 'job.failed'] }]],
});
