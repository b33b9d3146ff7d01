import { defineConfig } from 'vitest/config';

// Limits are guards against hanging, never measures: they hold on a machine under load.
const shared = {
  setupFiles: ['test/property-seed.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'fast',
          include: ['test/unit/**/*.test.ts', 'test/simulation/**/*.test.ts', 'test/model-server/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          // They wait more than they work: for the CLI, for git, for a lock.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'editor',
          include: ['test/editor/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 600_000,
          // One real editor at a time.
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
