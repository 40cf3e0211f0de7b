// The import arrows of docs/internals/architecture.md. A folder may import what its rule lets through, and nothing in a circle.
const specs = 'learner/(callbacks|losses|metrics)';
const arrows = {
  schema: [],
  numbers: [],
  plots: [],
  download: [],
  storage: [],
  schedule: [],
  data: [],
  engine: ['download'],
  optimizer: ['engine'],
  models: ['engine', 'data'],
  learner: ['schedule', 'optimizer', 'engine', 'models', 'data'],
  request: ['schedule', 'models', 'data', 'optimizer', specs],
  library: ['learner', 'request', 'schedule', 'optimizer', 'engine', 'models', 'data', 'download', 'plots'],
  valkey: ['download'],
  jobs: ['request', 'schedule', 'models', 'storage', 'telemetry'],
  client: [],
  telemetry: [],
  api: ['jobs', 'request', 'storage', 'schedule', 'data', 'models', 'plots', 'telemetry'],
};

// What imports nothing of ours (errors aside) and every folder may use.
const shared = ['errors', 'config', 'variables', 'child-process', 'schema', 'numbers'];

const only = Object.entries(arrows).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|workers)/', pathNot: `^src/(${[folder, ...shared, ...allowed].join('|')})[/.]` },
}));

const redis = 'node_modules/(bullmq|ioredis)/';
const never = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to, reachable: true },
});

module.exports = {
  forbidden: [
    ...only,
    {
      name: 'the-client-runs-in-a-browser',
      severity: 'error',
      from: { path: '^(src/client|web)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-dashboard-speaks-through-the-client',
      severity: 'error',
      from: { path: '^web/' },
      to: { path: '^(src|workers)/', pathNot: '^src/client/' },
    },
    {
      name: 'the-commands-speak-through-the-client',
      severity: 'error',
      from: { path: '^src/cli/(commands|completion|terminal|watch)/' },
      to: { path: '^(src|workers)/', pathNot: '^src/(cli|client|errors)[/.]' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-the-engine-knows-tensorflow',
      severity: 'error',
      from: { pathNot: '^(src/engine|vendor)/' },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'only-jobs-and-valkey-know-redis',
      severity: 'error',
      from: { pathNot: '^src/(jobs|valkey)/' },
      to: { path: redis },
    },
    never('the-api-never-loads-an-engine', '^src/(api|request|jobs)/', '^src/engine/|node_modules/@tensorflow/'),
    never('a-request-knows-no-jobs', '^src/request/', `^src/(jobs|valkey)/|${redis}`),
    never('the-learner-knows-no-service', '^src/learner/', `^src/(jobs|api|request)/|${redis}|node_modules/fastify/`),
    never('the-library-knows-no-service', '^src/library/', `^src/(jobs|api|valkey)/|${redis}|node_modules/fastify/`),
    never('a-trainer-and-a-predictor-know-no-redis', '^workers/(trainer|predictor)/', `^src/valkey/|${redis}`),
  ],
  options: {
    tsPreCompilationDeps: false,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
