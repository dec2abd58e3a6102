import { globSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Who may import whom. The picture of this file is docs/architecture.md. */
const FOUNDATION = ['errors', 'config', 'observability'];
const DOMAIN = ['memory', 'accounts'];
/** What libs/worker may import; a worker's app may import libs/worker too. */
const WORKER = [
  ...FOUNDATION,
  ...DOMAIN,
  'caller-keys',
  'jobs',
  'egress',
  'llm-providers',
  'persistence',
];

const MAY_IMPORT = {
  'libs/errors': [],
  'libs/config': [],
  'libs/observability': ['errors'],
  'libs/caller-keys': ['errors'],
  'libs/egress': ['errors'],
  'libs/memory': ['errors'],
  'libs/accounts': ['errors'],
  'libs/http-problems': ['errors'],
  'libs/jobs': ['errors', 'caller-keys'],
  'libs/llm-providers': ['errors', 'caller-keys', 'egress'],
  'libs/persistence': ['errors', ...DOMAIN],
  'apps/gateway': [
    ...FOUNDATION,
    ...DOMAIN,
    'caller-keys',
    'egress',
    'jobs',
    'persistence',
    'http-problems',
  ],
  'libs/worker': WORKER,
  'apps/extraction-worker': [...WORKER, 'worker'],
  'apps/query-worker': [...WORKER, 'worker'],
  'apps/ops': [...FOUNDATION, 'jobs', 'http-problems'],
  'apps/migrator': ['config', 'persistence'],
};

/** One folder for each provider: each has a definition. */
const PROVIDERS = globSync('libs/llm-providers/src/*/*.definition.ts').map((path) =>
  basename(dirname(path)),
);
const A_PROVIDER = `^libs/llm-providers/src/(${PROVIDERS.join('|')})/`;
/** Numbers without an import: every lib and app may read them. */
const POLICY = '^libs/jobs/src/policy\\.ts$';

const NOT_PRODUCTION = '/(testing|__fixtures__)/|\\.spec\\.ts$';

const arrows = Object.entries(MAY_IMPORT).map(([project, libs]) => ({
  name: `${project} stays in its row`,
  comment: `May import: ${libs.join(', ') || 'nothing'}.`,
  severity: 'error',
  from: { path: `^${project}/`, pathNot: NOT_PRODUCTION },
  to: {
    path: '^(libs|apps)/',
    pathNot: [...[project, ...libs.map((lib) => `libs/${lib}`)].map((path) => `^${path}/`), POLICY],
  },
}));

/** Only `owners` may import what matches `packages`. */
const only = (name, owners, packages) => ({
  name,
  severity: 'error',
  from: {
    path: '^(libs|apps)/',
    pathNot: [...owners.map((owner) => `^${owner}/`), NOT_PRODUCTION],
  },
  to: { path: packages.map((named) => `node_modules/${named}/`) },
});

export default {
  forbidden: [
    ...arrows,
    {
      name: 'libs through the front door',
      comment: 'A lib is entered by index.ts, or by a side door that tsconfig.json names.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/([^/]+)/' },
      to: {
        path: '^libs/([^/]+)/src/',
        pathNot: [
          '^libs/$1/',
          '/src/index\\.ts$',
          '^libs/caller-keys/src/opener\\.ts$',
          '^libs/egress/src/policy\\.ts$',
          POLICY,
          '^libs/worker/src/forget-vendor-settings\\.ts$',
          '/src/testing/',
        ],
      },
    },
    {
      name: 'the gateway cannot open keys',
      severity: 'error',
      from: { path: '^apps/(gateway|ops|migrator)/' },
      to: { path: '^libs/caller-keys/src/(opener|key-opener)\\.ts$' },
    },
    {
      name: 'the gateway opens no connection out',
      comment: 'It may judge an address (@app/egress/policy); only workers call one.',
      severity: 'error',
      from: { path: '^apps/(gateway|ops|migrator)/' },
      to: { path: '^libs/egress/src/', pathNot: '^libs/egress/src/policy\\.ts$' },
    },
    {
      name: 'the domain is pure',
      severity: 'error',
      from: { path: '^libs/(memory|accounts)/', pathNot: NOT_PRODUCTION },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    only(
      'only llm-providers speaks to vendors',
      ['libs/llm-providers'],
      ['openai', '@anthropic-ai/sdk'],
    ),
    only('only persistence speaks to Postgres', ['libs/persistence'], ['typeorm', 'pg']),
    only('only egress opens a connection out', ['libs/egress'], ['undici']),
    only('only jobs speaks to Redis', ['libs/jobs'], ['ioredis']),
    only(
      'only jobs, worker and ops speak BullMQ',
      ['libs/jobs', 'libs/worker', 'apps/ops'],
      ['bullmq', '@nestjs/bullmq'],
    ),
    {
      name: 'adapters do not import each other',
      comment: 'Azure speaks OpenAI’s body: the one named exception.',
      severity: 'error',
      from: { path: A_PROVIDER },
      to: {
        path: A_PROVIDER,
        pathNot: ['^libs/llm-providers/src/$1/', '^libs/llm-providers/src/openai/'],
      },
    },
    {
      name: 'providers are known by their list alone',
      comment: 'What another file needs of a provider stands in its definition.',
      severity: 'error',
      from: {
        path: '^libs/llm-providers/src/',
        pathNot: [A_PROVIDER, '^libs/llm-providers/src/providers\\.ts$', NOT_PRODUCTION],
      },
      to: { path: A_PROVIDER },
    },
    { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no tests in production',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: NOT_PRODUCTION },
      to: { path: ['^test/', NOT_PRODUCTION] },
    },
    {
      name: 'nothing that cannot be found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
