/** `onecycle submit`: posts a job. */
import type { Command } from 'commander';
import { clientCommand, collect, connect, tagsOf, type Common } from '../command.js';
import { exitWith } from '../exit-codes.js';
import { readSpec, unchecked, withSettings } from '../spec-file.js';
import { print, printJson, say } from '../terminal/out.js';

interface Options extends Common {
  watch?: true;
  set?: string[];
  name?: string;
  tag?: string[];
  webhook?: string[];
  idempotencyKey?: string;
}

/** Adds the command. */
export function submitCommand(program: Command): void {
  clientCommand(program, 'submit', 'post a job from a JSON or YAML file, and print its id')
    .argument('<file>', 'the file; - is standard input')
    .option('-w, --watch', 'follow it to its end')
    .option('-s, --set <path=value>', 'change a field: policy.lr_max=0.01 (repeatable)', collect)
    .option('-n, --name <name>', 'what to call it')
    .option('-t, --tag <name=value>', 'a tag (repeatable)', collect)
    .option('--webhook <url>', 'a URL to tell of its end (repeatable)', collect)
    .option('--idempotency-key <key>', 'repeating the same key and job returns the first job')
    .action(submit);
}

async function submit(file: string, options: Options): Promise<void> {
  const client = connect(options);
  const { set = [], name, tag = [], webhook = [], idempotencyKey, watch = false, json = false } = options;
  const spec = withSettings(await readSpec(file), set);
  if (name !== undefined) spec.name = name;
  if (tag.length > 0) spec.tags = { ...Object(spec.tags), ...tagsOf(tag) };
  if (webhook.length > 0) spec.webhooks = [...listOf(spec.webhooks), ...webhook.map((url) => ({ url }))];
  const { id, record } = await client.jobs.create(unchecked(spec), { idempotencyKey });
  for (const { id: hook, secret } of record.webhooks ?? [])
    if (secret !== undefined && !json) say(`The secret of ${hook}, which is not shown again: ${secret}`);
  if (watch) {
    if (!json) say(id);
    const { follow } = await import('../watch/follow.js');
    exitWith((await follow(client, [id], json)).code);
    return;
  }
  if (json) {
    printJson(record);
    return;
  }
  print(id);
  say(`It is ${record.status}. To follow it: onecycle watch ${id}`);
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
