/** `npm run bench`: onecycle beside fastai and PyTorch. Prints tables and writes bench/results/latest.json. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Beside, besideTable, measureBeside } from './beside.js';
import { writeDocs } from './docs.js';
import { type Growth, growthTable, measureGrowth } from './growth.js';
import { inARow, type Jobs, jobsTable, measureJobs, repeats } from './jobs.js';
import { describeMachine, machineText } from './machine.js';
import type { MemoryAt } from './contender.js';
import { measureMemory, memoryTable } from './memory.js';
import { readOptions } from './options.js';
import { measurePictures, picturesTable, type Pictures } from './pictures/measure.js';
import { pythonWith } from './python.js';
import { forTerminal, type Table } from './table.js';
import { measureTraining, type Training, trainingTable } from './training.js';
import { workloads } from './workloads.js';

const options = readOptions();
const { only, sides, runners, measure, starts, rounds } = options;
const machine = describeMachine();
const tables: Table[] = [];
const results: {
  training: Training[];
  growth: Growth[];
  memory: MemoryAt[];
  pictures: Pictures[];
  jobs: Jobs[];
  beside: Beside[];
} = { training: [], growth: [], memory: [], pictures: [], jobs: [], beside: [] };

function show(table: Table): void {
  tables.push(table);
  console.log(`\n${forTerminal(table)}`);
}

const python = sides.some((side) => side !== 'onecycle') ? await pythonWith('fastai') : '';
console.log(machineText(machine));

if (measure.includes('training')) {
  for (const workload of workloads.filter(({ name }) => only.includes(name))) {
    const measured = await measureTraining(workload, sides, options, python);
    results.training.push(...measured);
    show(trainingTable(workload, measured));
  }
}
if (measure.includes('growth')) {
  results.growth = await measureGrowth(sides, rounds, python);
  for (const growth of results.growth) show(growthTable(growth, sides));
}
if (measure.includes('memory') && sides.includes('onecycle')) {
  results.memory = await measureMemory();
  show(memoryTable(results.memory));
}
if (measure.includes('pictures')) {
  results.pictures = await measurePictures(
    sides.filter((side) => side !== 'pytorch'),
    options,
    python,
  );
  show(picturesTable(results.pictures));
}

if (measure.includes('jobs') && sides.includes('onecycle')) {
  results.jobs = await measureJobs();
  show(jobsTable(results.jobs));
}
if (measure.includes('jobs') && runners.length > 0) {
  results.beside = await measureBeside(runners, repeats, inARow);
  if (results.beside.length > 0) show(besideTable(results.beside, inARow));
}

// What the docs quote is kept.
const folder = fileURLToPath(new URL('../../bench/results', import.meta.url));
const file = join(folder, options.writeDocs ? 'documented.json' : 'latest.json');
mkdirSync(folder, { recursive: true });
writeFileSync(file, `${JSON.stringify({ machine, starts, rounds, ...results }, null, 1)}\n`);
console.log(`\nEvery value: ${file}`);
if (options.writeDocs) writeDocs('bench', machineText(machine), tables);
