import { defineConfig } from 'vitest/config';

/** Set here, because a test file may belong to no tsconfig or to another one. */
const decorators = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const shared = {
  resolve: { tsconfigPaths: true },
  oxc: decorators,
};

const servers = ['test/support/databases.ts', 'test/support/queues.ts'];

/** More than two cores need: a file often waits for a timer, a server or a process, and another one computes meanwhile. */
const SIDE_BY_SIDE = 3;

/** Groups run one after another; the files of all projects of a group share its workers. */
const groups = {
  inProcess: { maxWorkers: SIDE_BY_SIDE, sequence: { groupOrder: 0 } },
  bundles: { maxWorkers: SIDE_BY_SIDE, sequence: { groupOrder: 1 } },
  /** It measures how long calls take, so no other file may run beside it. */
  measured: { maxWorkers: 1, fileParallelism: false, sequence: { groupOrder: 2 } },
};

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // Each file restores the globals that it changes, so the files of a worker can share loaded modules.
          isolate: false,
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
          // The same holds here: each file closes the apps that it starts.
          isolate: false,
          include: ['test/integration/**/*.spec.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          // One file prepares 800 calls before its tests.
          hookTimeout: 240_000,
          ...groups.inProcess,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.spec.ts'],
          globalSetup: servers,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          ...groups.bundles,
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
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
