import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes, the longest first: begun before the others, so that none of it runs on by itself in the end. */
const LONG = ['crash/steps', 'crash/mailboxes', 'faults/faults', 'whole-chain/whole-chain'].map(
  (name) => `test/scenarios/${name}.test.ts`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = LONG.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? LONG.length : place;
    };
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

// The tests run against the built packages, as their users get them: `npm test` builds first.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
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
