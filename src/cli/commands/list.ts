/** `onecycle list`: the jobs. */
import type { Command } from 'commander';
import type { JobRecord } from '../../client/index.js';
import { clientCommand, connect, number, type Common } from '../command.js';
import { age, fixed } from '../terminal/format.js';
import { print, printJson, say } from '../terminal/out.js';
import { statusText } from '../terminal/style.js';
import { table } from '../terminal/table.js';
import { resultText } from '../watch/summary.js';

/** The server lists no more at once. */
const mostOnPage = 1000;

interface Options extends Common {
  status?: JobRecord['status'];
  type?: JobRecord['type'];
  tag?: string;
  search?: string;
  sort?: string;
  limit: number;
  after?: string;
  ids?: true;
}

/** Adds the command. */
export function listCommand(program: Command): void {
  clientCommand(program, 'list', 'list jobs, newest first')
    .alias('ls')
    .option('--status <status>', 'only this status: queued, running, completed, failed, …')
    .option('--type <type>', 'only this type: fit, lr_find')
    .option('-t, --tag <name=value>', 'only jobs with this tag: its name, or name=value')
    .option('-q, --search <words>', 'only jobs with these words in name, id, tags, policy or preset')
    .option(
      '--sort <field>',
      'created_at, finished_at, name, status, train_loss, valid_loss, metrics.NAME; - before it: descending',
    )
    .option('-n, --limit <n>', 'how many to list at most', number, 20)
    .option('--after <id>', 'start after this job')
    .option('--ids', 'print only ids, for scripts')
    .action(list);
}

async function list(options: Options): Promise<void> {
  const client = connect(options);
  const { status, type, tag, search, sort, limit, after } = options;
  const page = await client.jobs.list({
    limit,
    status,
    type,
    tag: tag?.replace('=', ':'),
    q: search,
    sort,
    after,
  });
  if (options.json) {
    printJson(page);
    return;
  }
  if (options.ids) {
    page.data.forEach(({ id }) => print(id));
    return;
  }
  if (page.data.length === 0) {
    say('No jobs found.');
    return;
  }
  print(table(['ID', 'STATUS', 'NAME', 'POLICY', 'DATA', 'DONE', 'RESULT', 'AGE'], page.data.map(row), [5]));
  const last = page.data.at(-1);
  if (!page.has_more || !last) return;
  const more = limit < mostOnPage ? `--limit ${Math.min(limit * 5, mostOnPage)}, or ` : '';
  say(`There are more: ${more}--after ${last.id}`);
}

const row = (record: JobRecord): string[] => [
  record.id,
  statusText(record.status),
  record.name ?? '',
  record.spec.policy.name,
  dataText(record),
  `${Math.floor(record.progress.percent)}%`,
  outcome(record),
  age(Date.now() - Date.parse(record.created_at)),
];

/** In a cell: the first metric and the validation loss; of a failure its code. */
function outcome(record: JobRecord): string {
  const { result, error, type } = record;
  if (error) return error.code;
  if (!result) return record.queue?.reason ?? '';
  if (type === 'lr_find') return resultText(record);
  const metric = Object.entries(result.metrics).at(0);
  return [
    ...(metric ? [`${metric[0]} ${fixed(metric[1], 4)}`] : []),
    ...(result.valid_loss === null ? [] : [`loss ${fixed(result.valid_loss, 4)}`]),
  ].join('  ');
}

function dataText({ spec: { dataset } }: JobRecord): string {
  if ('builtin' in dataset) return dataset.builtin;
  if ('id' in dataset) return dataset.id;
  return Object.keys(dataset)[0];
}
