/** All commands. The one that is asked for is loaded alone, so that each starts at once. */
import { Command, Option } from 'commander';

type Add = (program: Command) => void;

/** Where each is, as the help groups them: under its name what adds it to the program. */
const groups: Record<string, Record<string, () => Promise<Add>>> = {
  'Jobs:': {
    init: async () => (await import('./commands/init.js')).initCommand,
    submit: async () => (await import('./commands/submit.js')).submitCommand,
    find: async () => (await import('./commands/find.js')).findCommand,
    watch: async () => (await import('./commands/watch.js')).watchCommand,
    list: async () => (await import('./commands/list.js')).listCommand,
    show: async () => (await import('./commands/show.js')).showCommand,
    compare: async () => (await import('./commands/compare.js')).compareCommand,
  },
  'Results:': {
    metrics: async () => (await import('./commands/metrics.js')).metricsCommand,
    plot: async () => (await import('./commands/plot.js')).plotCommand,
    predict: async () => (await import('./commands/predict.js')).predictCommand,
    weights: async () => (await import('./commands/weights.js')).weightsCommand,
    model: async () => (await import('./commands/model.js')).modelCommand,
  },
  'Change jobs:': {
    cancel: async () => (await import('./commands/control.js')).cancelCommand,
    pause: async () => (await import('./commands/control.js')).pauseCommand,
    resume: async () => (await import('./commands/control.js')).resumeCommand,
    finish: async () => (await import('./commands/control.js')).finishCommand,
    retry: async () => (await import('./commands/control.js')).retryCommand,
    delete: async () => (await import('./commands/control.js')).deleteCommand,
  },
  'Data and workers:': {
    data: async () => (await import('./commands/data.js')).dataCommand,
    workers: async () => (await import('./commands/workers.js')).workersCommand,
  },
  'Access:': {
    keys: async () => (await import('./commands/keys.js')).keysCommand,
    tenants: async () => (await import('./commands/tenants.js')).tenantsCommand,
    webhooks: async () => (await import('./commands/webhooks.js')).webhooksCommand,
    login: async () => (await import('./commands/login.js')).loginCommand,
    logout: async () => (await import('./commands/login.js')).logoutCommand,
  },
  'The service:': {
    up: async () => (await import('./commands/service.js')).upCommand,
    api: async () => (await import('./commands/service.js')).apiCommand,
    worker: async () => (await import('./commands/service.js')).workerCommand,
    demo: async () => (await import('./commands/service.js')).demoCommand,
    engine: async () => (await import('./engine.js')).engineCommands,
    openapi: async () => (await import('./openapi.js')).openapiCommand,
  },
  'Shell:': {
    completion: async () => (await import('./commands/completion.js')).completionCommand,
  },
};

/** The command that tells of the others. */
const needsAll = 'completion';

/** The program with the command that these arguments ask for; with all where they name none, as in `--help`. */
export async function programFor(args: readonly string[], version: string): Promise<Command> {
  const program = new Command('onecycle')
    .description("a training service: fastai's Learner behind an API, on real TensorFlow")
    .version(version, '-v, --version')
    .exitOverride()
    .showHelpAfterError('(`onecycle help` lists the commands, `--help` after one its options)');
  const [name = ''] = args;
  const all = Object.entries(groups);
  const alone = all.filter(([, loaders]) => Object.hasOwn(loaders, name) && name !== needsAll);
  for (const [group, loaders] of alone.length > 0 ? alone : all) {
    program.commandsGroup(group);
    for (const load of alone.length > 0 ? [loaders[name]] : Object.values(loaders)) (await load())(program);
  }
  program.commands.forEach((command) => answerVersion(command, version));
  return program;
}

/** `npm start -- --version` and `onecycle list --version` are meant as `onecycle --version`. */
function answerVersion(command: Command, version: string): void {
  command.addOption(new Option('--version').hideHelp());
  command.on('option:version', () => {
    process.stdout.write(`${version}\n`);
    process.exit(0);
  });
}
