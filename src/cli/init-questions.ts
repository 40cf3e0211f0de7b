/** What `onecycle init` asks. */
import { input, number, select } from '@inquirer/prompts';
import { OnecycleError, type Dataset, type Onecycle } from '../client/index.js';
import { CliError, exitCodes } from './exit-codes.js';
import { datasetId } from './refs.js';
import { isBuiltin, type builtins } from './starter.js';

/** What there is to know of a job. */
export interface Answers {
  dataset?: string;
  target?: string;
  epochs?: number;
  lr?: number;
}

/** Asks what is not given yet. @throws CliError 130 on Ctrl-C */
export async function ask(client: Onecycle, given: Answers): Promise<Answers> {
  try {
    const dataset = given.dataset ?? (await whichData(await uploadsOf(client)));
    const target = given.target ?? (await whichTarget(client, dataset));
    const epochs = given.epochs ?? (await number({ message: 'How many epochs?', default: 20, min: 1, required: true }));
    const lr = given.lr ?? (await whichRate());
    return { dataset, target, epochs, lr };
  } catch (error) {
    // How the prompts say that somebody pressed Ctrl-C.
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new CliError('Nothing was written.', exitCodes.interrupted);
    throw error;
  }
}

/** Data sets of the server; none where it does not run: a file can be written all the same. */
async function uploadsOf(client: Onecycle): Promise<Dataset[]> {
  try {
    return (await client.datasets.list({ limit: 100 })).data;
  } catch (error) {
    if (error instanceof OnecycleError && error.code === 'unreachable') return [];
    throw error;
  }
}

const about: Record<keyof typeof builtins, string> = {
  digits: '1,797 handwritten digits',
  iris: '150 flowers of three species',
  diabetes: '442 patients, a value to predict',
};

const whichData = (uploads: readonly Dataset[]): Promise<string> =>
  select({
    message: 'What to train on?',
    choices: [
      ...Object.entries(about).map(([value, what]) => ({ value, name: `${value}: ${what}` })),
      ...uploads.map(({ id, name, rows, kind }) => ({ value: id, name: `${name}: ${kind}, ${rows} rows (${id})` })),
    ],
  });

/** Undefined where there is none to choose. @throws CliError where no data set is meant by that name */
async function whichTarget(client: Onecycle, dataset: string): Promise<string | undefined> {
  if (isBuiltin(dataset)) return undefined;
  const { kind, columns = [] } = await client.datasets.get(await datasetId(client, dataset));
  if (kind !== 'table') return undefined;
  const choices = columns.map(({ name, type }) => ({ value: name, name: `${name} (${type})` }));
  return select({ message: 'Which column should be predicted?', choices, default: choices.at(-1)?.value });
}

/** Undefined: a finder's. */
async function whichRate(): Promise<number | undefined> {
  const how = await select({
    message: 'Which learning rate?',
    choices: [
      { value: 'finder', name: 'suggested by a finder (valley)' },
      { value: 'given', name: 'enter a rate' },
    ],
  });
  if (how === 'finder') return undefined;
  const text = await input({
    message: 'The highest rate:',
    default: '0.003',
    validate: (value) => Number(value) > 0 || 'must be a number above 0',
  });
  return Number(text);
}
