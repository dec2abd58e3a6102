import { defineConfig } from 'vitest/config';

/** Said here so that it never depends on which tsconfig covers a file. */
const decorators = { decorator: { legacy: true, emitDecoratorMetadata: true } };

const shared = {
  resolve: { tsconfigPaths: true },
  oxc: decorators,
};

const servers = ['test/support/databases.ts', 'test/support/queues.ts'];

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: { name: 'unit', include: ['{apps,libs,scripts}/**/*.spec.ts'] },
      },
      {
        ...shared,
        test: { name: 'house', include: ['test/house/**/*.spec.ts'], testTimeout: 30_000 },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.spec.ts'],
          globalSetup: servers,
          testTimeout: 30_000,
          hookTimeout: 60_000,
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
          // Each file starts whole processes: on two cores side by side they only wait for each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
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
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.spec.ts'],
          // What is waited for has a clock of its own, and a busy machine another.
          testTimeout: 300_000,
          hookTimeout: 240_000,
          retry: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
