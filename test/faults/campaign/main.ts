/**
 * `npm run faults -- --seed N --kills 200`: the campaign; exit code 1, and what differed, where something does not
 * hold.
 */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { stopSignal } from '../../../src/cli/signals.js';
import { campaign } from './campaign.js';
import { summary } from './report.js';

const { seed, kills } = new Command('npm run faults --')
  .description(
    'kills, stops and fills up the parts of a real service by turns while jobs train, and checks all they leave',
  )
  .option('--seed <n>', 'repeats the choices of a campaign', whole, randomInt(2 ** 32))
  .option('--kills <n>', 'how many faults', whole, 200)
  .parse()
  .opts<{ seed: number; kills: number }>();

const report = await campaign({ seed, kills, say: (line) => console.log(line), signal: stopSignal() });
console.log(`\n${summary(report)}`);
process.exitCode = report.problems.length === 0 ? 0 : 1;

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be 0 or more.');
  return value;
}
