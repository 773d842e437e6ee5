import { defineConfig } from 'vitest/config';

// The tests run against the built packages, as their users get them: `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    // A test waits for an event, not for a time: these only end what hangs, also on a machine that is busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['packages/*/dist/**/*.js'],
      reporter: ['text-summary'],
      reportsDirectory: '.cache/coverage',
    },
  },
});
