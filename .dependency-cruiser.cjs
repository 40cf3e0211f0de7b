// The import arrows of docs/architecture.md. A folder may import what its rule lets through, and nothing in a circle.
const arrows = {
  download: [],
  schedule: [],
  engine: [],
  optimizer: ['engine'],
  models: ['engine'],
  data: [],
  learner: ['schedule', 'optimizer', 'engine', 'models', 'data'],
  storage: [],
  jobs: ['schedule', 'data', 'models', 'storage', 'optimizer/spec'],
  api: ['jobs', 'storage', 'schedule', 'data', 'models'],
};

// What imports nothing of ours (errors aside) and every folder may use.
const shared = ['errors', 'random', 'nested', 'memory', 'download'];

const only = Object.entries(arrows).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|workers)/', pathNot: `^src/(${[folder, ...shared, ...allowed].join('|')})[/.]` },
}));

module.exports = {
  forbidden: [
    ...only,
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'only-the-engine-knows-tensorflow', severity: 'error', from: { pathNot: '^src/engine/' }, to: { path: 'node_modules/@tensorflow/' } },
    { name: 'only-jobs-knows-redis', severity: 'error', from: { pathNot: '^src/jobs/' }, to: { path: 'node_modules/(bullmq|ioredis)/' } },
    { name: 'the-api-never-loads-an-engine', severity: 'error', from: { path: '^src/api/' }, to: { path: '^src/(engine|learner|optimizer)/', pathNot: '^src/optimizer/spec', reachable: true } },
    { name: 'a-trainer-knows-no-redis', severity: 'error', from: { path: '^workers/trainer' }, to: { path: 'node_modules/(bullmq|ioredis)/', reachable: true } },
    { name: 'pure-specs', severity: 'error', from: { path: '^src/models/', pathNot: '^src/models/build' }, to: { path: '^src/engine/', reachable: true } },
  ],
  options: {
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
