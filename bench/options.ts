import { Command, InvalidArgumentError, Option } from 'commander';
import { isRunner, runnerNames, type RunnerName } from './beside.js';
import { sideNames, type SideName } from './contender.js';
import { workloads } from './workloads.js';

const measures = ['training', 'growth', 'memory', 'pictures', 'jobs'] as const;

/** How often things are measured. */
export interface Repetitions {
  /** Processes of each side on each workload. */
  starts: number;
  /** Turns of each process. */
  rounds: number;
}

/** What the command line asks for. */
export interface Options extends Repetitions {
  only: readonly string[];
  sides: readonly SideName[];
  /** What else runs jobs and takes part. */
  runners: readonly RunnerName[];
  measure: readonly (typeof measures)[number][];
  writeDocs: boolean;
}

/** Reads the command line; where that is wrong it says so and ends the process. */
export function readOptions(): Options {
  const { sides, ...options } = command().opts<
    Omit<Options, 'sides' | 'runners'> & { sides: (SideName | RunnerName)[] }
  >();
  return {
    ...options,
    sides: sides.filter((side) => !isRunner(side)),
    runners: sides.filter(isRunner),
  };
}

const command = () =>
  new Command('npm run bench --')
    .description(
      'onecycle beside fastai and a bare PyTorch loop, by turns, on this machine; ' +
        'run it while the machine does nothing else',
    )
    .addOption(
      list(
        '--only <workloads>',
        'workloads whose training to measure',
        workloads.map(({ name }) => name),
      ),
    )
    .addOption(list('--sides <sides>', 'who takes part', [...sideNames, ...runnerNames]))
    .addOption(list('--measure <what>', 'what to measure', measures))
    .option('--starts <n>', 'processes of each side on each workload', positiveInteger, 3)
    .option('--rounds <n>', 'turns of each process', positiveInteger, 3)
    .option('--write-docs', 'put the tables into docs/internals/performance.md', false)
    .parse();

/** An option that takes a comma-separated list of some of `choices`; all of them where it is left out. */
export function list(flags: string, description: string, choices: readonly string[]): Option {
  const parse = (text: string): string[] => {
    const names = text.split(',');
    const unknown = names.find((name) => !choices.includes(name));
    if (unknown !== undefined)
      throw new InvalidArgumentError(`There is no ${unknown}; there are ${choices.join(', ')}.`);
    return choices.filter((choice) => names.includes(choice));
  };
  return new Option(flags, description).argParser(parse).default(choices, choices.join(','));
}

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be 1 or more.');
  return Number(text);
}
