import { defineConfig } from 'vitest/config';

// The tests run against the built packages, as their users get them: `pnpm build` first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    coverage: { provider: 'v8', include: ['packages/*/dist/**/*.js'], reporter: ['text-summary'] },
  },
});
