/** What the demo shows: a learning-rate finder and a one-cycle run on real digits, through the API like any client. */
import type { JobRecord, Onecycle } from '../client/index.js';
import { curveText } from './finder.js';
import { onBuiltin, policyOf } from './starter.js';
import { fixed, short } from './terminal/format.js';
import { print } from './terminal/out.js';
import { runsOf, show } from './watch/follow.js';

const n_epoch = 20;
const experiment = onBuiltin('digits');

/** @throws Error with a plain message where a job does not complete; the signal's reason where it is aborted */
export async function tour(client: Onecycle, signal: AbortSignal): Promise<void> {
  print('The data are 1,797 handwritten digits (UCI); the model has one hidden layer of 64 units.');
  const lr = await findRate(client, signal);
  await trainAt(client, lr, signal);
  sayWhatIsNext();
}

async function findRate(client: Onecycle, signal: AbortSignal): Promise<number> {
  print('\n1. lr_find: a short run whose learning rate rises with every batch. Where does the loss fall fastest?\n');
  const job = await client.jobs.create({ policy: { name: 'lr_find' }, ...experiment });
  completed(await job.done({ signal }));
  const found = await job.lrFind();
  print(curveText(found));
  const { suggestions } = found;
  const rate = suggestions.valley ?? Object.values(suggestions).find((each) => each !== null);
  if (rate == null) throw new Error(`The finder could not suggest a rate: ${JSON.stringify(suggestions)}`);
  return rate;
}

async function trainAt(client: Onecycle, lr: number, signal: AbortSignal): Promise<void> {
  print(
    `\n2. fit_one_cycle: ${n_epoch} epochs; the rate rises to ${short(lr)}, the valley suggestion, and falls again; ` +
      'momentum does the opposite.\n',
  );
  const job = await client.jobs.create({ policy: policyOf(n_epoch, lr), ...experiment });
  print(`Training ${job.id} (${job.status}), live from ${client.url}/jobs/${job.id}/stream`);
  await show(client, runsOf([job.record]), { signal });
  const { result, engine, n_row } = completed(await job.refresh());
  print(
    `\nAccuracy: ${fixed(result?.metrics.accuracy, 4)} on ${n_row?.valid ?? 'the'} digits that it was not trained on ` +
      `(${engine?.name ?? ''} on ${engine?.device ?? ''})`,
  );
}

/** @throws Error where the job did not complete */
function completed(record: JobRecord): JobRecord {
  const { id, status, error } = record;
  if (status !== 'completed') throw new Error(`${id} is ${status}: ${error?.message ?? 'it did not complete'}`);
  return record;
}

function sayWhatIsNext(): void {
  const url = 'http://127.0.0.1:3000';
  const spec = { policy: policyOf(n_epoch), ...experiment };
  print(`
What next?
  npm start                      the service, until you stop it
  npx onecycle init              a job file, by asking
  npx onecycle submit job.json --watch
  ${url}          the dashboard; its API is described at ${url}/docs

The same two jobs in one request, and its live stream:
  curl -s ${url}/jobs -H 'content-type: application/json' -d '${JSON.stringify(spec)}'
  curl -N ${url}/jobs/JOB_ID/events`);
}
