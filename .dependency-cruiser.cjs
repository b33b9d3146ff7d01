/** The arrows of ARCHITECTURE.md: whatever is not drawn there is forbidden here. */
const core = (name) => `^src/core/${name}`;

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      comment: 'Time, randomness, files and processes come in through ports, so that the core runs in simulation.',
      severity: 'error',
      from: { path: '^src/core' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-knows-no-adapter',
      severity: 'error',
      from: { path: '^src/core' },
      to: { path: '^src/', pathNot: '^src/core' },
    },
    {
      name: 'vscode-only-in-its-folder',
      severity: 'error',
      from: { path: '^src', pathNot: '^src/(vscode/|(extension|editor)\\.ts)' },
      to: { path: '(^vscode$|(^|/)node_modules/@types/vscode/)' },
    },
    {
      name: 'model-imports-only-model',
      severity: 'error',
      from: { path: core('model') },
      to: { path: '^src/', pathNot: core('model') },
    },
    {
      name: 'ports-import-only-model',
      severity: 'error',
      from: { path: core('ports') },
      to: { path: '^src/', pathNot: core('(model|ports)') },
    },
    {
      name: 'journal-below-all',
      severity: 'error',
      from: { path: core('journal') },
      to: { path: '^src/', pathNot: core('(model|ports|journal)') },
    },
    {
      name: 'siblings-meet-in-attempt-or-orchestrator',
      comment: 'A concept imports model, ports, journal and the context, and no other concept.',
      severity: 'error',
      from: { path: '^src/core/(planning|scheduling|approvals|validation|worktrees|reuse)/' },
      to: {
        path: '^src/core/',
        pathNot: ['^src/core/(model|ports|journal)/', '^src/core/context\\.ts$', '^src/core/$1/'],
      },
    },
    {
      name: 'control-imports-planning-and-the-estimate',
      severity: 'error',
      from: { path: '^src/core/control/' },
      to: {
        path: '^src/core/',
        pathNot: '^src/core/(model|ports|journal|planning|control|context\\.ts|scheduling/estimate(-text)?\\.ts)',
      },
    },
    {
      name: 'attempt-knows-no-integration',
      severity: 'error',
      from: { path: '^src/core/attempt/' },
      to: { path: '^src/core/(integration/|scheduling/|orchestrator)' },
    },
    {
      name: 'checkpoints-below-the-orchestrator',
      comment:
        'They say how a run begins that goes on from another; the refs of attempts and integration are named there.',
      severity: 'error',
      from: { path: '^src/core/checkpoints/' },
      to: { path: '^src/core/(scheduling/|orchestrator)' },
    },
    {
      name: 'integration-imports-validation-only',
      severity: 'error',
      from: { path: '^src/core/integration/' },
      to: { path: '^src/core/', pathNot: '^src/core/(model|ports|journal|validation|integration|context\\.ts)' },
    },
    {
      name: 'adapters-import-ports-and-model',
      comment: 'Readers of journals also fold them; validate-paths runs the validators over files on disk.',
      severity: 'error',
      from: { path: '^src/node/', pathNot: '^src/node/(state/runs|validate-paths)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(node/|core/(model|ports)/)' },
    },
    {
      name: 'views-import-ports-and-model',
      comment: 'Views also read why a subtask waits, how long a plan will take, and which checkpoints there are.',
      severity: 'error',
      from: { path: '^src/vscode/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/vscode/',
          '^src/core/(model|ports)/',
          '^src/core/scheduling/waiting\\.ts$',
          '^src/core/checkpoints/hierarchy\\.ts$',
          '^src/core/context\\.ts$',
          '^src/protocol/',
        ],
      },
    },
    {
      name: 'the-supervisor-is-light',
      comment: 'It starts for every worker and outlives the extension.',
      severity: 'error',
      from: { path: '^src/(worker\\.ts|node/(supervisor|process)/)' },
      to: { path: '^src/', pathNot: '^src/(node/(supervisor|process)/|core/model/)' },
    },
    {
      name: 'nothing-ships-from-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench)/' },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^vscode$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
