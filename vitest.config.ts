import { defineConfig } from 'vitest/config';

// The tests run against the built packages, as their users get them: `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    coverage: {
      provider: 'v8',
      include: ['packages/*/dist/**/*.js'],
      reporter: ['text-summary'],
      reportsDirectory: '.cache/coverage',
    },
  },
});
