import { join } from 'node:path';

import { defineConfig } from 'vitest/config';

/** Set here, because a test file may belong to no tsconfig or to another one. */
const decorators = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const shared = {
  resolve: { tsconfigPaths: true },
  oxc: decorators,
};

/** Each file restores the globals that it changes and closes what it opens, so the files of a worker can share loaded modules. */
const sharedModules = { isolate: false };

const servers = ['test/support/databases.ts', 'test/support/queues.ts'];

/** Where each run leaves its results as JSON, in a file of its own, for a script that counts them. */
const results = process.env['TEST_RESULTS'];

/** `npm test` runs the tiers in this process and the tiers on bundles beside each other: one waits while the other computes. */
const groups = {
  inProcess: { maxWorkers: 3, sequence: { groupOrder: 0 } },
  bundles: { maxWorkers: 2, sequence: { groupOrder: 1 } },
  /** It measures how long calls take, so no other file may run beside it. */
  measured: { maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: 2 } },
};

export default defineConfig({
  ...shared,
  test: {
    reporters:
      results === undefined
        ? ['default']
        : ['default', ['json', { outputFile: join(results, `${process.pid}.json`) }]],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          ...sharedModules,
          include: ['{apps,libs,scripts}/**/*.spec.ts'],
          // Far more than a test takes: a busy machine must not fail it.
          testTimeout: 30_000,
          ...groups.inProcess,
        },
      },
      {
        ...shared,
        test: {
          name: 'house',
          include: ['test/house/**/*.spec.ts'],
          testTimeout: 30_000,
          ...groups.inProcess,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          ...sharedModules,
          include: ['test/integration/**/*.spec.ts'],
          globalSetup: servers,
          // One test sends every bad request, and one file prepares 1,000 calls, beside other tiers.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          ...groups.inProcess,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          ...sharedModules,
          include: ['test/e2e/**/*.spec.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 240_000,
          ...groups.bundles,
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          ...sharedModules,
          include: ['test/faults/**/*.spec.ts'],
          // The tests wait for locks and retries of the product, which a busy machine makes later.
          testTimeout: 300_000,
          hookTimeout: 240_000,
          ...groups.bundles,
        },
      },
      {
        ...shared,
        test: {
          name: 'hostile',
          ...sharedModules,
          include: ['test/hostile/**/*.spec.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          ...groups.measured,
        },
      },
    ],
  },
});
