/** What a model is, for whoever gets its file: Markdown. */
import { product } from '../../numbers/nested.js';
import type { Checkpoint } from '../../jobs/checkpoint.js';
import type { JobRecord } from '../../jobs/index.js';
import { classNames, type KeptModel } from '../../models/index.js';

/** More classes than these are counted, not named. */
const namedClasses = 50;

/** Data, schedule, metrics, classes and processing of a model, as its job's record has them. */
export function modelCard(record: JobRecord, checkpoint: Checkpoint, model: KeptModel): string {
  const { spec } = record;
  const { plan } = model;
  const parameters = plan.parameters.reduce((sum, { shape }) => sum + product(shape), 0);
  return [
    `# ${spec.name ?? record.id}`,
    `Trained by onecycle, job \`${record.id}\`, checkpoint \`${checkpoint.id}\` of ${checkpoint.created_at}, after ` +
      `${checkpoint.epoch} epochs and ${checkpoint.iteration} iterations.`,
    '## Input and output',
    [
      `- Each input row has shape [${plan.input_shape.join(', ')}]${plan.input_shape.length === 3 ? ', height, width, channels' : ''}.`,
      `- ${outputText(model)}`,
      `- ${plan.layers.length} layers, ${parameters} parameters.`,
    ].join('\n'),
    '## Metrics',
    metricsText(record, checkpoint),
    '## Data',
    json(spec.dataset),
    `Split: ${JSON.stringify(spec.split)}${record.n_row ? `, ${record.n_row.train} training rows, ${record.n_row.valid} validation rows` : ''}.`,
    '## Processing',
    json(model.processing),
    '## Schedule',
    json(spec.policy),
    `Batches of ${spec.batch_size}, seed ${spec.seed}, loss \`${JSON.stringify(model.loss)}\`, optimizer:`,
    json(spec.optimizer),
    '## Model',
    json(spec.model),
  ].join('\n\n');
}

const json = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, null, 1)}\n\`\`\``;

function outputText(model: KeptModel): string {
  if (model.activation === 'none') {
    const { names } = model.vocabulary;
    return `It outputs ${model.plan.output_shape[0]} value(s)${names ? `: ${names.join(', ')}` : ''}.`;
  }
  const classes = classNames(model);
  const named = classes.length <= namedClasses ? `: ${classes.join(', ')}` : '';
  return `It outputs one logit for each of ${classes.length} classes${named}. Softmax turns them into probabilities.`;
}

/** Those of the epoch before the checkpoint: on rows that did not train. */
function metricsText({ result }: JobRecord, { metrics, reason }: Checkpoint): string {
  const known = Object.keys(metrics).length === 0 && reason === 'final' ? { ...result?.metrics } : metrics;
  const lines = Object.entries(known).map(([name, value]) => `- ${name}: ${value ?? 'not a number'}`);
  return lines.length > 0 ? lines.join('\n') : 'None were measured.';
}
